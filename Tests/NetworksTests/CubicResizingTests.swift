import Foundation
import Networks
import TestSupport
import Testing

@Suite struct CubicResizingTests {
  /// sin k, k = 0 … 23, as two channels of 3×4.
  private static let image = Tensor((0..<24).map { Float(sin(Double($0))) }, shape: [1, 2, 3, 4])

  /// Results of PyTorch 2.15 in double precision:
  /// `interpolate(x, size, mode="bicubic", align_corners=False, antialias=…)`.
  private static let references: [(isSmoothing: Bool, extents: [Int], values: [Double])] = [
    (
      false, [5, 3],
      [
        0.20764, 1.1944995, 0.2254879, -0.3601752, 0.2997388, 0.4688611, -0.7976077, -0.7259065,
        0.5343926, 0.1894354, -0.4551299, -0.3544664, 1.0883025, -0.0150562, -1.0937619,
        -0.4111778, 1.0027409, 0.7747737, -0.4949895, 0.0094348, 0.4984106, -0.3882152,
        -1.0037885, 0.0242394, 0.4118862, -0.2243107, -0.4932218, 1.0419447, 0.6282014, -0.8141576,
      ]
    ),
    (
      false, [2, 7],
      [
        -0.2941891, -0.0384273, 0.3378057, 0.6065052, 0.6424181, 0.4459581, 0.2832068, 0.619617,
        0.4215926, 0.094515, -0.2858663, -0.5565275, -0.6136756, -0.6144407, -0.5786467,
        -0.3618032, -0.0127597, 0.3598524, 0.5943473, 0.6035999, 0.5721306, 0.6763003, 0.5960551,
        0.4246889, 0.0835291, -0.2896904, -0.5399292, -0.6778128,
      ]
    ),
    (
      true, [5, 3],
      [
        0.2833039, 1.0521433, 0.3250669, -0.242326, 0.3475313, 0.4432757, -0.8456283, -0.6592472,
        0.4644381, 0.2416335, -0.3480711, -0.4428953, 1.0332496, -0.0257653, -1.0481476,
        -0.3226733, 0.8765287, 0.8295001, -0.4427112, 0.1073236, 0.5047678, -0.4663876,
        -0.9116116, -0.0607249, 0.4423292, -0.1080701, -0.5048176, 1.0487892, 0.5427538,
        -0.7349579,
      ]
    ),
    (
      true, [2, 7],
      [
        -0.3738681, -0.1997448, 0.1235428, 0.3681597, 0.509394, 0.4363809, 0.3789347, 0.386673,
        0.2143307, -0.1067642, -0.3562267, -0.5056576, -0.4432968, -0.3915754, -0.5264887,
        -0.4068932, -0.1667794, 0.1204038, 0.3737765, 0.4842832, 0.5281457, 0.5305419, 0.4155252,
        0.1829828, -0.1039028, -0.3616116, -0.4823091, -0.5319718,
      ]
    ),
  ]

  @Test(arguments: 0..<4)
  func `bicubic resizing is PyTorch's, antialiased or not`(_ index: Int) {
    let reference = Self.references[index]
    let y = Self.image.resized(
      to: reference.extents, mode: .bicubic(isSmoothing: reference.isSmoothing))
    #expect(y.shape == [1, 2] + reference.extents)
    #expect(maximumAbsoluteDifference(y.elements.map(Double.init), reference.values) < 1e-6)
  }

  @Test(arguments: [false, true])
  func `a constant stays constant, and the own size changes nothing`(_ isSmoothing: Bool) {
    let flat = Tensor(repeating: 1.5, shape: [1, 1, 5, 7])
    let resized = flat.resized(to: [9, 3], mode: .bicubic(isSmoothing: isSmoothing))
    #expect(resized.elements.allSatisfy { abs($0 - 1.5) < 1e-6 })
    let same = Self.image.resized(to: [3, 4], mode: .bicubic(isSmoothing: isSmoothing))
    #expect(
      maximumAbsoluteDifference(
        same.elements.map(Double.init), Self.image.elements.map(Double.init)) < 1e-6)
  }
}
