// swift-tools-version: 6.1
import PackageDescription

// A package of its own, so that nobody who depends on the libraries downloads a harness.
let package = Package(
  name: "ConvexAttentionBenchmarks",
  dependencies: [
    // Named, because the folder of a clone may have any name.
    .package(name: "ConvexAttention", path: ".."),
    .package(url: "https://github.com/ordo-one/benchmark", from: "1.38.1", traits: []),
  ],
  targets: [
    .target(
      name: "CSoftmax", linkerSettings: [.linkedLibrary("dnnl"), .linkedLibrary("gomp")]),
    .target(name: "Stopwatch"),
    .target(
      name: "WeightsAndBatch",
      dependencies: [
        .product(name: "ArrayFiles", package: "ConvexAttention"),
        .product(name: "Networks", package: "ConvexAttention"),
      ]),
    .executableTarget(
      name: "ratios",
      dependencies: [
        "CSoftmax", "Stopwatch",
        .product(name: "ConvexKit", package: "ConvexAttention"),
        .product(name: "KLProjection", package: "ConvexAttention"),
      ],
      path: "Sources/Ratios"),
    .executableTarget(
      name: "timed-projection",
      dependencies: [
        "Stopwatch",
        .product(name: "ArrayFiles", package: "ConvexAttention"),
        .product(name: "KLProjection", package: "ConvexAttention"),
      ],
      path: "Sources/TimedProjection"),
    .executableTarget(
      name: "timed-programs",
      dependencies: [
        "Stopwatch",
        .product(name: "ArrayFiles", package: "ConvexAttention"),
        .product(name: "ConvexKit", package: "ConvexAttention"),
      ],
      path: "Sources/TimedPrograms"),
    .executableTarget(
      name: "timed-networks",
      dependencies: [
        "Stopwatch", "WeightsAndBatch",
        .product(name: "ArrayFiles", package: "ConvexAttention"),
        .product(name: "ConvexKit", package: "ConvexAttention"),
        .product(name: "KLProjection", package: "ConvexAttention"),
        .product(name: "Networks", package: "ConvexAttention"),
      ],
      path: "Sources/TimedNetworks"),
    .executableTarget(
      name: "timed-explanations",
      dependencies: [
        "Stopwatch", "WeightsAndBatch",
        .product(name: "ArrayFiles", package: "ConvexAttention"),
        .product(name: "ConvexKit", package: "ConvexAttention"),
        .product(name: "Explanations", package: "ConvexAttention"),
        .product(name: "KLProjection", package: "ConvexAttention"),
        .product(name: "Networks", package: "ConvexAttention"),
      ],
      path: "Sources/TimedExplanations"),
    .executableTarget(
      name: "ProjectionBenchmarks",
      dependencies: [
        .product(name: "Benchmark", package: "benchmark"),
        .product(name: "ConvexKit", package: "ConvexAttention"),
        .product(name: "KLProjection", package: "ConvexAttention"),
      ],
      path: "Benchmarks/ProjectionBenchmarks",
      plugins: [.plugin(name: "BenchmarkPlugin", package: "benchmark")]),
  ],
  swiftLanguageModes: [.v6]
)
