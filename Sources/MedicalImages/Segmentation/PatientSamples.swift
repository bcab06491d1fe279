import Foundation

/// The samples of one patient and what the manifest says of it.
struct PatientSamples: Sendable {
  let samples: [SegmentationSample]
  let slices: [Int]
  let hashes: [String: String]

  init(_ patient: BraTSPatient, rules: SegmentationRules) throws(ImageError) {
    let scan = try patient.load()
    let found = try samplesOf(scan, rules: rules)
    (samples, slices) = (found.samples, found.slices)
    var hashes: [String: String] = [:]
    for url in Array(patient.images.values) + [patient.segmentation].compactMap({ $0 }) {
      hashes[url.lastPathComponent] = try ContentHash.sha256(contentsOf: url)
    }
    self.hashes = hashes
  }
}

/// Applies the rules to a scan: slices, halves, sizes, labels.
func samplesOf(
  _ scan: BraTSScan, rules: SegmentationRules
) throws(ImageError) -> (samples: [SegmentationSample], slices: [Int]) {
  guard let segmentation = scan.segmentation else {
    throw .missingFile(
      patient: scan.patient, what: "seg", candidates: ["\(scan.patient)_seg.nii.gz"])
  }
  let halves = try Hemispheres(of: segmentation, midline: rules.midline)
  let mask = scan.brainMask
  var images: [Volume] = []
  for image in scan.images { images.append(try image.standardized(over: mask)) }
  let slices = evenly(
    TumorSlices.indices(in: segmentation, minimumArea: rules.minimumTumorArea),
    rules.maximumSlicesPerPatient)
  var samples: [SegmentationSample] = []
  for slice in slices {
    let planes = images.map { $0.axialPlane(slice) }
    let labels = segmentation.axialPlane(slice)
    for side in Side.allCases {
      let columns = halves.columns(of: side)
      let half = HalfSlice(
        images: planes.map { $0.columns(columns) }, labels: labels.columns(columns),
        spacing: (segmentation.spacing.y, segmentation.spacing.x),
        pixelArea: TumorSlices.pixelArea(of: segmentation))
      samples.append(half.sample(patient: scan.patient, slice: slice, side: side, rules: rules))
    }
  }
  return (samples, slices)
}

/// At most `count` of the items, evenly spaced from the first to the last.
func evenly(_ items: [Int], _ count: Int?) -> [Int] {
  guard let count, count < items.count else { return items }
  guard count > 1 else { return items.isEmpty ? [] : [items[items.count / 2]] }
  return (0..<count).map { items[$0 * (items.count - 1) / (count - 1)] }
}

/// One half of a slice on its own grid.
private struct HalfSlice {
  let images: [Plane]
  let labels: Plane
  let spacing: (height: Double, width: Double)
  let pixelArea: Double

  func sample(
    patient: String, slice: Int, side: Side, rules: SegmentationRules
  ) -> SegmentationSample {
    let size = rules.sampleSize(rows: labels.height, columns: labels.width, spacing: spacing)
    var image: [Float] = []
    image.reserveCapacity(images.count * size.height * size.width)
    for plane in images {
      image += plane.resized(height: size.height, width: size.width, by: .bilinear).values
    }
    let tumor = Plane(
      height: labels.height, width: labels.width, values: labels.values.map { $0 > 0 ? 1 : 0 })
    let mask = tumor.resized(
      height: size.height, width: size.width, by: rules.maskInterpolation
    ).values.map { $0 >= 0.5 ? Float(1) : 0 }
    let area = Double(tumor.values.reduce(0, +)) * pixelArea
    return SegmentationSample(
      patient: patient, slice: slice, side: side, label: area > rules.labelThreshold,
      tumorArea: area, height: size.height, width: size.width, image: image, mask: mask)
  }
}
