package io.gatehouse.examples.benchmarks.proxy;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.stream.LongStream;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * How many bytes another Java process has allocated. It is asked over its management agent, which is started in it and
 * costs it some memory; so ask for memory and times of the start before.
 */
final class Allocations implements AutoCloseable {

  private static final int WITH_TOTAL = 21;

  private final JMXConnector connector;
  private final MBeanServerConnection server;
  private final ObjectName threads;
  private final boolean total;

  private Allocations(JMXConnector connector) throws IOException, JMException {
    this.connector = connector;
    this.server = connector.getMBeanServerConnection();
    this.threads = new ObjectName(ManagementFactory.THREAD_MXBEAN_NAME);
    String version = (String) server.getAttribute(new ObjectName(ManagementFactory.RUNTIME_MXBEAN_NAME), "SpecVersion");
    this.total = Integer.parseInt(version) >= WITH_TOTAL;
  }

  static Allocations in(long pid) {
    try {
      VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
      try {
        JMXServiceURL address = new JMXServiceURL(machine.startLocalManagementAgent());
        return new Allocations(JMXConnectorFactory.connect(address));
      } finally {
        machine.detach();
      }
    } catch (IOException | AttachNotSupportedException | JMException e) {
      throw new IllegalStateException("The process " + pid + " does not tell what it allocates.", e);
    }
  }

  /** The bytes until now; before Java 21 without those of threads that have ended. */
  long bytes() {
    try {
      if (total) {
        return (long) server.getAttribute(threads, "TotalThreadAllocatedBytes");
      }
      long[] ids = (long[]) server.getAttribute(threads, "AllThreadIds");
      long[] each = (long[]) server.invoke(
          threads, "getThreadAllocatedBytes", new Object[] {ids}, new String[] {long[].class.getName()});
      return LongStream.of(each).filter(bytes -> bytes > 0).sum();
    } catch (IOException | JMException e) {
      throw new IllegalStateException("The process does not tell what it allocates.", e);
    }
  }

  @Override
  public void close() {
    try {
      connector.close();
    } catch (IOException e) {
      // the process is gone, and the connection with it
    }
  }
}
