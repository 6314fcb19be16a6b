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
      postgres://gate:pw@db:5433/house?sslmode=disable | jdbc:postgresql://db:5433/house?sslmode=disable | db:5433   | gate | pw
      postgresql://gate:pw@db/house                    | jdbc:postgresql://db/house                      | db:5432   | gate | pw
      jdbc:postgresql://db/house?user=gate&password=pw | jdbc:postgresql://db/house                      | db:5432   | gate | pw
      jdbc:postgresql://db/h?a=1&user=g%20&b=&password | jdbc:postgresql://db/h?a=1&b=                   | db:5432   | 'g ' | ''
      postgres://gate@10.0.0.1                         | jdbc:postgresql://10.0.0.1/gate                 | 10.0.0.1:5432 | gate | ''
      postgres://db/house                              | jdbc:postgresql://db/house                      | db:5432   | ''   | ''
      postgres://[::1]/house                           | jdbc:postgresql://[::1]/house                   | [::1]:5432 | ''  | ''
      postgres://[::1]:7/house                         | jdbc:postgresql://[::1]:7/house                 | [::1]:7   | ''   | ''
      postgres://a:1,b:2/house                         | jdbc:postgresql://a:1,b:2/house                 | a:1,b:2   | ''   | ''
      postgres://u:p%40s%2Fs%3A%25+@db/house           | jdbc:postgresql://db/house                      | db:5432   | u    | p@s/s:%+
      postgres://u:p@ss:w@db/house                     | jdbc:postgresql://db/house                      | db:5432   | u    | p@ss:w
      postgres://u:p/s@db/house                        | jdbc:postgresql://db/house                      | db:5432   | u    | p/s
      postgres://u:%C3%BC@db/house?connect_timeout=3   | jdbc:postgresql://db/house?connectTimeout=3     | db:5432   | u    | ü
      """)
  void reads_the_usual_forms(String text, String url, String hosts, String user, String password) {
    PostgresDsn dsn = PostgresDsn.parse(text);

    assertThat(dsn.url()).isEqualTo(url);
    assertThat(dsn.hosts()).isEqualTo(hosts);
    assertThat(dsn.user()).isEqualTo(user);
    assertThat(dsn.password()).isEqualTo(password);
  }

  @ParameterizedTest
  @ValueSource(strings = {
    "", "secret", "mysql://u:secret@db/x", "postgres://u:secret%@db/x",
    "postgres://u:secret@/x", "postgres://u:secret@db:port/x", "postgres://u:secret@db/x/y", "postgres://u:secret%zz@db/x"
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
