import Benchmark
import ConvexKit
import KLProjection

/// The harness's view of the projection: wall clock, processor time and throughput.
let benchmarks: @Sendable () -> Void = {
  Benchmark.defaultConfiguration = .init(
    metrics: [.wallClock, .throughput], maxDuration: .seconds(2))
  for instance in ProjectionInstance.all {
    Benchmark(instance.name) { benchmark in
      for _ in benchmark.scaledIterations { blackHole(try instance.solve()) }
    } setup: {
      try instance.check()
    }
  }
}
