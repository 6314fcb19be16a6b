package io.gatehouse.jetty;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

/** The fourth floor of the house in docs/architecture.md, as rules. */
class JettyHouseTest {

  private static final JavaClasses FLOOR =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("-tests.jar"))
          .importPackages("io.gatehouse.jetty");

  @Test
  void the_filters_run_in_any_servlet_container_over_anybodys_core() {
    classes()
        .that(resideInAPackage("io.gatehouse.jetty.filter"))
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage("io.gatehouse.jetty.filter", "io.gatehouse.jetty.problem", "io.gatehouse",
                "io.gatehouse.access", "jakarta.servlet..", "java..", "org.jspecify.annotations"))
        .check(FLOOR);
  }

  @Test
  void the_proxy_knows_the_client_and_not_the_server() {
    noClasses()
        .that(resideInAPackage("io.gatehouse.jetty.proxy"))
        .should()
        .dependOnClassesThat(resideInAnyPackage("org.eclipse.jetty.server..", "org.eclipse.jetty.ee10.."))
        .check(FLOOR);
  }

  @Test
  void tunnels_know_connections_and_neither_servlets_nor_servers() {
    classes()
        .that(resideInAPackage("io.gatehouse.jetty.websocket"))
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage("io.gatehouse.jetty.websocket", "io.gatehouse.jetty.problem", "io.gatehouse",
                "org.eclipse.jetty.client", "org.eclipse.jetty.io", "org.eclipse.jetty.util..", "org.slf4j", "java..",
                "org.jspecify.annotations"))
        .check(FLOOR);
  }

  @Test
  void seats_know_connections_and_neither_servlets_nor_servers() {
    classes()
        .that(resideInAPackage("io.gatehouse.jetty.seat"))
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage("io.gatehouse.jetty.seat", "org.eclipse.jetty.client", "org.eclipse.jetty.io",
                "org.eclipse.jetty.util..", "org.slf4j", "java..", "org.jspecify.annotations"))
        .check(FLOOR);
  }

  @Test
  void problems_are_at_the_bottom() {
    classes()
        .that(resideInAPackage("io.gatehouse.jetty.problem"))
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage("io.gatehouse.jetty.problem", "jakarta.servlet..", "java..", "org.jspecify.annotations"))
        .check(FLOOR);
  }

  @Test
  void the_console_is_files_and_knows_nothing_of_the_gateway() {
    classes()
        .that(resideInAPackage("io.gatehouse.jetty.console"))
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage("io.gatehouse.jetty.console", "io.gatehouse.jetty.problem", "jakarta.servlet..", "java..",
                "org.jspecify.annotations"))
        .check(FLOOR);
  }

  @Test
  void who_looks_is_told_what_the_interfaces_and_the_pool_say() {
    classes()
        .that(resideInAPackage("io.gatehouse.jetty.live"))
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage("io.gatehouse.jetty.live", "io.gatehouse", "io.gatehouse.upstream",
                "io.gatehouse.core.upstream", "com.fasterxml.jackson..", "jakarta.servlet..", "org.slf4j", "java..",
                "org.jspecify.annotations"))
        .check(FLOOR);
  }

  @Test
  void there_is_no_circle() {
    slices().matching("io.gatehouse.jetty.(*)..").should().beFreeOfCycles().check(FLOOR);
  }
}
