import Foundation

/// Voxels as they lie in a file: numbers of one type, and how they become values again.
struct StoredVoxels {
  let type: VoxelType
  let slope: Double
  let intercept: Double
  let bytes: Data

  init(_ volume: Volume, encoding: NIfTI.Encoding, path: String) throws(ImageError) {
    switch encoding {
    case .float32:
      (type, slope, intercept) = (.float32, 1, 0)
      bytes = volume.voxels.withUnsafeBytes { Data($0) }
    case .uint8:
      (type, slope, intercept) = (.uint8, 1, 0)
      bytes = try integers(volume.voxels, of: UInt8.self, exactly: true, path)
    case .int16:
      (type, slope, intercept) = (.int16, 1, 0)
      bytes = try integers(volume.voxels, of: Int16.self, exactly: false, path)
    case .scaledInt16:
      let low = Double(volume.voxels.min() ?? 0)
      let high = Double(volume.voxels.max() ?? 0)
      guard low.isFinite && high.isFinite else {
        throw .notRepresentable(
          path: path, value: Float(low.isFinite ? high : low), type: "scaled int16")
      }
      // The header keeps slope and intercept in single precision: scale by what it will hold.
      let slope = Double(Float(high > low ? (high - low) / 65534 : 1))
      let intercept = Double(Float((high + low) / 2))
      (type, self.slope, self.intercept) = (.int16, slope, intercept)
      let scaled = volume.voxels.map { Float((Double($0) - intercept) / slope) }
      bytes = try integers(scaled, of: Int16.self, exactly: false, path)
    }
  }
}

/// The voxels as little-endian integers.
private func integers<Integer: FixedWidthInteger>(
  _ voxels: [Float], of type: Integer.Type, exactly: Bool, _ path: String
) throws(ImageError) -> Data {
  let (low, high) = (Float(Integer.min), Float(Integer.max))
  var data = Data(count: voxels.count * MemoryLayout<Integer>.size)
  let refused: Float? = data.withUnsafeMutableBytes { raw in
    let output = raw.bindMemory(to: Integer.self)
    return voxels.withUnsafeBufferPointer { input in
      for position in 0..<input.count {
        let value = input[position]
        let rounded = value.rounded()
        guard rounded >= low && rounded <= high && (!exactly || rounded == value) else {
          return value
        }
        output[position] = Integer(rounded).littleEndian
      }
      return nil
    }
  }
  if let refused {
    throw .notRepresentable(path: path, value: refused, type: "\(type)")
  }
  return data
}
