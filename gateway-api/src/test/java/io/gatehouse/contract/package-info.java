/**
 * The contract kit: what every store, limiter and balancer must keep, as tests to extend.
 *
 * <p>To prove an implementation of your own, add the test-jar of gateway-api, JUnit 6 and AssertJ in test scope, then
 * extend the contract of the interface and say how one is made:
 *
 * <pre>{@code
 * class MyQuotaStoreTest extends QuotaStoreContract {
 *   @Override protected QuotaStore store(SettableClock clock) { return new MyQuotaStore(clock); }
 * }
 * }</pre>
 *
 * <p>Every test method runs on a fresh instance of your class and asks for the store once; names of owners and buckets
 * are new in every test, so the store may be shared and need not be emptied. Time is a {@link SettableClock} which the
 * tests set; a store with a clock of its own overrides {@code advance} and really waits. Contracts of stores that can
 * be away have {@code breakStore()} and {@code mendStore()}: override both to have failures tested too, leave them to
 * have those tests skipped. The concurrency tests count what was admitted; they do not hope.
 */
@NullMarked
package io.gatehouse.contract;

import org.jspecify.annotations.NullMarked;
