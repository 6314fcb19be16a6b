package io.gatehouse.core.sql;

/**
 * What {@link SqlDatabase#migrate()} did.
 *
 * @param applied how many migrations it applied; 0 when the schema was up to date
 * @param version the version that the schema has now
 */
public record Migration(int applied, String version) {}
