package io.gatehouse.core;

import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The picture of the house in docs/architecture.md, as rules: arrows only fall, and leaves own their technology. */
class HouseTest {

  private static final JavaClasses HOUSE =
      new ClassFileImporter()
          .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
          .withImportOption(location -> !location.contains("-tests.jar")) // the contract kit, once it is packaged
          .importPackages("io.gatehouse");

  @Test
  void the_api_knows_the_jdk_only() {
    ArchRule rule =
        classes()
            .that(resideInAnyPackage("io.gatehouse", "io.gatehouse.key", "io.gatehouse.limit", "io.gatehouse.quota",
                "io.gatehouse.access", "io.gatehouse.admin", "io.gatehouse.upstream", "io.gatehouse.event",
                "io.gatehouse.plan"))
            .should()
            .onlyDependOnClassesThat(
                resideInAnyPackage("io.gatehouse", "io.gatehouse.key", "io.gatehouse.limit", "io.gatehouse.quota",
                    "io.gatehouse.access", "io.gatehouse.admin", "io.gatehouse.upstream", "io.gatehouse.event",
                    "io.gatehouse.plan", "java..", "org.jspecify.annotations"));
    rule.check(HOUSE);
  }

  @Test
  void rooms_do_not_know_their_neighbours() {
    slices()
        .matching("io.gatehouse.core.(*)..")
        .should()
        .notDependOnEachOther()
        .ignoreDependency(resideInAPackage("io.gatehouse.core.setup"), resideInAPackage("io.gatehouse.core.."))
        .check(HOUSE);
  }

  @Test
  void the_language_of_imgproxy_is_pure() {
    classes()
        .that(resideInAPackage("io.gatehouse.core.image.."))
        .should()
        .onlyDependOnClassesThat(
            resideInAnyPackage("io.gatehouse.core.image", "java.lang..", "java.util..", "java.nio", "java.nio.charset",
                "java.security", "javax.crypto..", "org.jspecify.annotations"))
        .check(HOUSE);
  }

  @Test
  void nobody_looks_up_to_setup() {
    noClasses()
        .that(resideInAPackage("io.gatehouse.core..").and(not(
            resideInAPackage("io.gatehouse.core.setup"))))
        .should()
        .dependOnClassesThat(resideInAPackage("io.gatehouse.core.setup"))
        .check(HOUSE);
  }

  @ParameterizedTest
  @CsvSource({
    "redis.clients.., io.gatehouse.core.redis",
    "org.jooq.., io.gatehouse.core.sql..",
    "java.sql.., io.gatehouse.core.sql..",
    "javax.sql.., io.gatehouse.core.sql..",
    "com.zaxxer.., io.gatehouse.core.sql..",
    "org.flywaydb.., io.gatehouse.core.sql..",
    "io.micrometer.., io.gatehouse.core.metrics",
    "com.fasterxml.., io.gatehouse.core.settings",
    "com.github.benmanes.., io.gatehouse.core.key",
    "jakarta.servlet.., nowhere",
    "org.eclipse.jetty.., nowhere"
  })
  void a_technology_stays_in_its_room(String technology, String room) {
    noClasses()
        .that(not(resideInAPackage(room)))
        .should()
        .dependOnClassesThat(resideInAPackage(technology))
        .check(HOUSE);
  }
}
