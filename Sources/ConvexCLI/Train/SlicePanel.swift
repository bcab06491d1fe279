import Foundation
import KLProjection
import MedicalImages
import Networks

/// The pictures of one held-out slice: the image with the tumor's outline, both attention maps of a
/// network, and their exact projection, side by side.
struct SlicePanel {
  /// What the tiles are, from the left, for a caption.
  static let columns =
    "From the left: FLAIR; FLAIR with the outline of the tumor's mask; the fine map τ; the coarse "
    + "map ρ; the exact projection's fine map μ and coarse map ν, as far as the network has them. Each map is colored from its "
    + "smallest to its largest value; brighter is more attention. How much more, the captions say."

  private static let enlargement = 2
  private static let outline = Raster.Color(0, 230, 180)

  let sample: SegmentationSample
  /// Those of τ, ρ, μ and ν that the network has, with their names.
  let maps: [(name: String, plane: Plane)]

  /// The maps of one image.
  ///
  /// - Parameters:
  ///   - sample: The image.
  ///   - index: Its place among `maps`.
  ///   - maps: The maps of a network on the held-out images.
  /// - Throws: `ProjectionError` if the maps are no instance of Eq. 4.
  init(_ sample: SegmentationSample, at index: Int, of maps: HeldOutMaps) throws {
    func plane(_ grid: [Int], _ values: [Float]) -> Plane {
      Plane(height: grid[0], width: grid[1], values: values)
    }
    var planes: [(name: String, plane: Plane)] = []
    for (name, stack) in [("τ", maps.fine), ("ρ", maps.coarse)] {
      guard let stack else { continue }
      planes.append((name, plane(stack.grid, stack.probabilities(at: index))))
    }
    if let (fine, coarse) = maps.pair {
      let projection = try MarginalProjection(fine: fine.grid, coarse: coarse.grid)
      let exact = try projection.project(
        fine: fine.potentials(at: index), coarse: coarse.potentials(at: index), as: .potentials)[0]
      planes.append(("μ", plane(fine.grid, exact.fine)))
      planes.append(("ν", plane(coarse.grid, exact.coarse)))
    }
    self.sample = sample
    self.maps = planes
  }

  /// How strongly each map prefers its favorite cell: its largest value over that of a flat map.
  var peaks: [(name: String, peak: Double)] {
    maps.map { ($0.name, Double($0.plane.range.upperBound) * Double($0.plane.values.count)) }
  }

  /// The tiles in one picture.
  func picture() -> Raster {
    let image = flair().enlarged(by: Self.enlargement)
    var outlined = image
    outlined.drawOutline(of: sample.maskPlane, color: Self.outline)
    let tiles = maps.map { Overlay().draw($0.plane, over: image) }
    return Panel.row([image, outlined] + tiles)
  }

  /// FLAIR, with black outside the brain: there the standard scores are 0, in the brain's middle.
  private func flair() -> Raster {
    var plane = sample.plane(of: .flair)
    let window = plane.window()
    plane.values = plane.values.map { $0 == 0 ? window.lowerBound : $0 }
    return Raster(plane, range: window)
  }
}
