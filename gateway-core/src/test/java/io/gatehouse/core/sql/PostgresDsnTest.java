package io.gatehouse.core.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PostgresDsnTest {

  @ParameterizedTest
  @CsvSource(delimiter = '|', nullValues = "-", textBlock = """
      postgres://gate:pw@db:5433/h?ssl=on           | db:5433/h?ssl=on      | db:5433       | gate | pw
      postgresql://gate:pw@db/h                     | db/h                  | db:5432       | gate | pw
      jdbc:postgresql://db/h?user=gate&password=pw  | db/h                  | db:5432       | gate | pw
      jdbc:postgresql://db/h?a=1&user=g%20&password | db/h?a=1              | db:5432       | 'g ' | ''
      postgres://gate@10.0.0.1                      | 10.0.0.1/gate         | 10.0.0.1:5432 | gate | ''
      postgres://db/h                               | db/h                  | db:5432       | ''   | ''
      postgres://[::1]/h                            | [::1]/h               | [::1]:5432    | ''   | ''
      postgres://[::1]:7/h                          | [::1]:7/h             | [::1]:7       | ''   | ''
      postgres://a:1,b:2/h                          | a:1,b:2/h             | a:1,b:2       | ''   | ''
      postgres://u:p%40s%2Fs%3A%25+@db/h            | db/h                  | db:5432       | u    | p@s/s:%+
      postgres://u:p@ss:w@db/h                      | db/h                  | db:5432       | u    | p@ss:w
      postgres://u:p/s@db/h                         | db/h                  | db:5432       | u    | p/s
      postgres://u:%C3%BC@db/h?connect_timeout=3    | db/h?connectTimeout=3 | db:5432       | u    | ü
      """)
  void reads_the_usual_forms(String text, String url, String hosts, String user, String password) {
    PostgresDsn dsn = PostgresDsn.parse(text);

    assertThat(dsn.url()).isEqualTo("jdbc:postgresql://" + url);
    assertThat(dsn.hosts()).isEqualTo(hosts);
    assertThat(dsn.user()).isEqualTo(user);
    assertThat(dsn.password()).isEqualTo(password);
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "", "secret", "mysql://u:secret@db/x", "postgres://u:secret%@db/x",
    "postgres://u:secret@/x", "postgres://u:secret@db:port/x", "postgres://u:secret@db/x/y",
    "postgres://u:secret%zz@db/x"
  })
  void refuses_what_is_none_and_does_not_quote_it(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> PostgresDsn.parse(text))
        .withMessageStartingWith("dsn: (not shown)")
        .withNoCause()
        .satisfies(e -> assertThat(e.getMessage()).doesNotContain("secret"));
  }

  @Test
  void shows_host_and_port_only() {
    assertThat(PostgresDsn.parse("postgres://gate:secret@db/house")).hasToString("PostgreSQL at db:5432");
    assertThat(SqlDatabase.postgres("postgres://gate:secret@db/house").toString()).doesNotContain("secret");
  }
}
