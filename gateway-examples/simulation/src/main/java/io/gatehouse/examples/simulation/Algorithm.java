package io.gatehouse.examples.simulation;

import io.gatehouse.core.upstream.HashKey;
import io.gatehouse.core.upstream.Pool;
import io.gatehouse.core.upstream.PoolBalancer;
import java.util.Locale;
import java.util.function.IntUnaryOperator;

/** The balancers. */
enum Algorithm {
  WEIGHTED_ROUND_ROBIN {
    @Override
    PoolBalancer over(Pool pool, IntUnaryOperator random) {
      return PoolBalancer.weightedRoundRobin(pool);
    }
  },
  LEAST_REQUEST {
    @Override
    PoolBalancer over(Pool pool, IntUnaryOperator random) {
      return PoolBalancer.leastRequest(pool);
    }
  },
  POWER_OF_TWO {
    @Override
    PoolBalancer over(Pool pool, IntUnaryOperator random) {
      return PoolBalancer.powerOfTwo(pool, random);
    }
  },
  PEAK_EWMA {
    @Override
    PoolBalancer over(Pool pool, IntUnaryOperator random) {
      return PoolBalancer.peakEwma(pool, random);
    }
  },
  RENDEZVOUS {
    @Override
    PoolBalancer over(Pool pool, IntUnaryOperator random) {
      return PoolBalancer.rendezvous(pool, HashKey.PATH);
    }
  };

  abstract PoolBalancer over(Pool pool, IntUnaryOperator random);

  /** As the setting names it. */
  String setting() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
