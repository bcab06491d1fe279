// swift-tools-version: 6.1
import PackageDescription

let package = Package(
  name: "ConvexAttention",
  products: [
    .library(name: "ArrayFiles", targets: ["ArrayFiles"]),
    .library(name: "ConvexKit", targets: ["ConvexKit"]),
    .library(name: "KLProjection", targets: ["KLProjection"]),
    .library(name: "DualLayer", targets: ["DualLayer"]),
    .library(name: "Networks", targets: ["Networks"]),
    .library(name: "Explanations", targets: ["Explanations"]),
    .library(name: "MedicalImages", targets: ["MedicalImages"]),
    .library(name: "Experiments", targets: ["Experiments"]),
    .executable(name: "convex", targets: ["ConvexCLI"]),
  ],
  traits: [
    .default(enabledTraits: ["GLPK"]),
    .trait(
      name: "GLPK",
      description:
        "Linear programs by GLPK. GLPK is GPL-3.0-or-later: programs that link it are too."),
    .trait(
      name: "MPI",
      description: "Training on several machines by Open MPI (mpirun -np N convex train …)."),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/apple/swift-numerics", from: "1.1.1"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.4.0"),
  ],
  targets: [
    // C libraries. Each is imported by one Swift folder.
    .systemLibrary(
      name: "CLAPACKE", pkgConfig: "lapacke", providers: [.apt(["liblapacke-dev"])]),
    .systemLibrary(
      name: "COpenBLAS", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CSuiteSparse", providers: [.apt(["libsuitesparse-dev"])]),
    .systemLibrary(name: "COneDNN", providers: [.apt(["libdnnl-dev"])]),
    .systemLibrary(name: "CMPI", providers: [.apt(["libopenmpi-dev"])]),
    .target(name: "CGLPK", linkerSettings: [.linkedLibrary("glpk")]),
    .target(
      name: "CNifti",
      linkerSettings: [.linkedLibrary("niftiio"), .linkedLibrary("znz"), .linkedLibrary("z")]),
    .target(name: "CPNG", linkerSettings: [.linkedLibrary("png16")]),
    .systemLibrary(
      name: "CLibCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .target(name: "CKernels", linkerSettings: [.linkedLibrary("gomp")]),

    // The libraries, bottom to top.
    .target(name: "ArrayFiles"),
    .target(
      name: "ConvexKit",
      dependencies: [
        "CLAPACKE", "COpenBLAS", "CSuiteSparse", "CKernels",
        .target(name: "CGLPK", condition: .when(traits: ["GLPK"])),
        .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(
      name: "KLProjection",
      dependencies: [
        "ConvexKit", "CKernels", .product(name: "RealModule", package: "swift-numerics"),
      ]),
    .target(name: "DualLayer", dependencies: ["KLProjection", "ConvexKit"]),
    .target(
      name: "Networks",
      dependencies: [
        "DualLayer", "KLProjection", "ConvexKit", "ArrayFiles", "COneDNN", "CKernels",
        .target(name: "CMPI", condition: .when(traits: ["MPI"])),
      ]),
    .target(
      name: "Explanations",
      dependencies: ["Networks", "DualLayer", "KLProjection", "ConvexKit", "ArrayFiles"]),
    .target(
      name: "MedicalImages",
      dependencies: ["ConvexKit", "ArrayFiles", "CNifti", "CPNG", "CLibCrypto"]),
    .target(
      name: "Experiments",
      dependencies: [
        "Explanations", "MedicalImages", "Networks", "KLProjection", "ConvexKit", "ArrayFiles",
      ]),
    .executableTarget(
      name: "ConvexCLI",
      dependencies: [
        "ArrayFiles", "ConvexKit", "KLProjection", "DualLayer", "Networks", "MedicalImages",
        "Experiments",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
        .product(name: "Mustache", package: "swift-mustache"),
      ]),

    // Examples: programs of one file, which the tests run.
    .executableTarget(
      name: "LeastSquares", dependencies: ["ConvexKit"], path: "Examples/LeastSquares"),
    .executableTarget(name: "Portfolio", dependencies: ["ConvexKit"], path: "Examples/Portfolio"),
    .executableTarget(
      name: "ConsistentAttention", dependencies: ["ConvexKit", "KLProjection"],
      path: "Examples/ConsistentAttention"),
    .executableTarget(
      name: "FacilityLocation", dependencies: ["ConvexKit"], path: "Examples/FacilityLocation"),
    .executableTarget(
      name: "DifferentiableLayer", dependencies: ["ConvexKit"],
      path: "Examples/DifferentiableLayer"),

    // Tests, one target per module.
    .target(
      name: "TestSupport", dependencies: ["ArrayFiles", "ConvexKit", "Networks"],
      path: "Tests/_Support"),
    .testTarget(name: "ArrayFilesTests", dependencies: ["ArrayFiles", "TestSupport"]),
    .testTarget(
      name: "ConvexKitTests",
      dependencies: [
        "ConvexKit", "CKernels", "ArrayFiles", "TestSupport",
        .target(name: "CGLPK", condition: .when(traits: ["GLPK"])),
      ],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "KLProjectionTests",
      dependencies: [
        "KLProjection", "ConvexKit", "ArrayFiles", "CKernels", "TestSupport",
        .product(name: "RealModule", package: "swift-numerics"),
      ],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "DualLayerTests",
      dependencies: ["DualLayer", "KLProjection", "ConvexKit", "ArrayFiles", "TestSupport"]),
    .testTarget(
      name: "NetworksTests",
      dependencies: ["Networks", "DualLayer", "ConvexKit", "ArrayFiles", "TestSupport"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "ExplanationsTests",
      dependencies: ["Explanations", "Networks", "ConvexKit", "ArrayFiles", "TestSupport"],
      resources: [.copy("Fixtures")]),
    .testTarget(
      name: "MedicalImagesTests",
      dependencies: ["MedicalImages", "ConvexKit", "ArrayFiles", "TestSupport"]),
    .testTarget(
      name: "ExperimentsTests",
      dependencies: [
        "Experiments", "Explanations", "MedicalImages", "Networks", "ConvexKit", "ArrayFiles",
        "TestSupport",
      ]),
    .testTarget(
      name: "ConvexCLITests",
      dependencies: ["ConvexCLI", "KLProjection", "ConvexKit", "ArrayFiles", "TestSupport"]),
    .testTarget(
      name: "ExamplesTests",
      dependencies: [
        "LeastSquares", "Portfolio", "ConsistentAttention", "FacilityLocation",
        "DifferentiableLayer",
      ]),
  ],
  swiftLanguageModes: [.v6]
)
