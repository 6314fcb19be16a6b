package io.gatehouse.core;

import java.io.IOException;
import java.io.InputStream;
import java.util.List;

/** Loads the rooms of the core anew and does not find some of what they use, as if a jar were missing. */
public final class WithoutPackages extends ClassLoader {

  private final List<String> missing;

  public WithoutPackages(ClassLoader parent, String... missing) {
    super(parent);
    this.missing = List.of(missing);
  }

  @Override
  protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
    synchronized (getClassLoadingLock(name)) {
      if (missing.stream().anyMatch(name::startsWith)) {
        throw new ClassNotFoundException(name);
      }
      if (!name.startsWith("io.gatehouse.core.")) {
        return super.loadClass(name, resolve);
      }
      Class<?> loaded = findLoadedClass(name);
      return loaded != null ? loaded : define(name);
    }
  }

  private Class<?> define(String name) throws ClassNotFoundException {
    try (InputStream in = getParent().getResourceAsStream(name.replace('.', '/') + ".class")) {
      if (in == null) {
        throw new ClassNotFoundException(name);
      }
      byte[] bytes = in.readAllBytes();
      return defineClass(name, bytes, 0, bytes.length);
    } catch (IOException e) {
      throw new ClassNotFoundException(name, e);
    }
  }
}
