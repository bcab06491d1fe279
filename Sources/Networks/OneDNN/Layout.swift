import COneDNN
import Synchronization

/// How the elements of an array lie in memory, as oneDNN describes it.
///
/// Layouts are interned: two arrays lie alike exactly when their layouts are the same object.
/// `@unchecked Sendable`: immutable, and the descriptor lives as long as the process.
final class Layout: @unchecked Sendable {
  /// What our own kernels need to know of a layout.
  enum Kind: Equatable {
    /// Row-major, without gaps.
    case plain
    /// `[N, C/b, H, W, b]`, the last block of channels filled up with zeros (oneDNN's nChw16c).
    case channelBlocks(Int)
    /// `[N, H, W, C]`, without gaps, the channels a multiple of 16. Our kernels read it where the
    /// numbers are bfloat16.
    case channelsLast
    /// Known to oneDNN only.
    case opaque
  }

  let identifier: Int
  let shape: [Int]
  /// The steps from one index to the next along each axis; nil where the memory is in blocks.
  let strides: [Int]?
  let kind: Kind
  let numberType: NumberType
  let byteCount: Int
  let descriptor: UnsafePointer<dnnl_memory_desc_t>

  private init(identifier: Int, kind: Kind, descriptor md: dnnl_memory_desc_t) {
    self.identifier = identifier
    self.kind = kind
    numberType = NumberType(md.data_type)
    shape = Layout.values(md.dims, count: Int(md.ndims))
    let blocking = md.format_desc.blocking
    strides =
      md.format_kind == dnnl_blocked && blocking.inner_nblks == 0 && md.extra.flags == 0
      ? Layout.values(blocking.strides, count: Int(md.ndims)) : nil
    let copy = UnsafeMutablePointer<dnnl_memory_desc_t>.allocate(capacity: 1)
    copy.initialize(to: md)
    descriptor = UnsafePointer(copy)
    byteCount = dnnl_memory_desc_get_size(copy)
  }

  /// Whether the memory holds more than the elements; the surplus is zero.
  var hasPadding: Bool { byteCount != numberType.byteCount * shape.reduce(1, *) }

  /// Whether this is how tensors lie unless they say otherwise: row-major Float32.
  var isDefault: Bool { kind == .plain && numberType == .float32 }

  /// Numbers of another type at the same places.
  func holding(_ type: NumberType) -> Layout {
    if type == numberType { return self }
    var md = descriptor.pointee
    md.data_type = type.type
    return .interned(md)
  }

  // MARK: Interning

  private struct Table {
    var plain: [[Int]: Layout] = [:]
    var others: [[Int]: [Layout]] = [:]
    var count = 0
  }

  private static let table = Mutex(Table())

  /// The row-major layout of a shape, of Float32; a scalar counts as one element on one axis.
  static func plain(_ shape: [Int]) -> Layout {
    let shape = shape.isEmpty ? [1] : shape
    return table.withLock { table in
      if let known = table.plain[shape] { return known }
      table.count += 1
      let layout = Layout(
        identifier: table.count, kind: .plain,
        descriptor: .strided(shape: shape, strides: rowMajorStrides(shape)))
      table.plain[shape] = layout
      return layout
    }
  }

  /// The layout `[N, C/block, H, W, block]` of images.
  static func channelBlocks(
    _ block: Int, shape: [Int], of type: NumberType = .float32
  ) -> Layout {
    precondition(shape.count == 4 && (block == 8 || block == 16), "images in channel blocks")
    return interned(.tagged(shape: shape, tag: block == 8 ? dnnl_nChw8c : dnnl_nChw16c, of: type))
  }

  /// The layout `[N, H, W, C]` of images.
  static func channelsLast(_ shape: [Int], of type: NumberType = .float32) -> Layout {
    precondition(shape.count == 4, "images with channels last")
    return interned(.tagged(shape: shape, tag: dnnl_nhwc, of: type))
  }

  /// The layout of images of other extents that lie alike, if it is one that our kernels know and does
  /// not depend on the extents' order: nil for row-major Float32.
  func resized(to shape: [Int]) -> Layout? {
    switch kind {
    case .channelBlocks(let block): .channelBlocks(block, shape: shape, of: numberType)
    case .channelsLast: .channelsLast(shape, of: numberType)
    case .plain, .opaque: nil
    }
  }

  /// The layout that a descriptor from oneDNN stands for.
  static func interned(_ md: dnnl_memory_desc_t) -> Layout {
    let shape = values(md.dims, count: Int(md.ndims))
    let kind = kind(of: md, shape: shape)
    let type = NumberType(md.data_type)
    if kind == .plain, type == .float32 { return plain(shape) }
    // The layouts that we know are stored in their canonical form, so that equal layouts are one.
    var md = md
    switch kind {
    case .channelBlocks(let block):
      md = .tagged(shape: shape, tag: block == 8 ? dnnl_nChw8c : dnnl_nChw16c, of: type)
    case .channelsLast: md = .tagged(shape: shape, tag: dnnl_nhwc, of: type)
    case .plain: md = .strided(shape: shape, strides: rowMajorStrides(shape), of: type)
    case .opaque: break
    }
    return table.withLock { table in
      for known in table.others[shape, default: []]
      where dnnl_memory_desc_equal(known.descriptor, &md) != 0 { return known }
      table.count += 1
      let layout = Layout(identifier: table.count, kind: kind, descriptor: md)
      table.others[shape, default: []].append(layout)
      return layout
    }
  }

  /// Recognizes the layouts that our kernels know; strides of axes of extent 1 mean nothing.
  private static func kind(of md: dnnl_memory_desc_t, shape: [Int]) -> Kind {
    guard md.format_kind == dnnl_blocked, md.extra.flags == 0 else { return .opaque }
    let blocking = md.format_desc.blocking
    let strides = values(blocking.strides, count: shape.count)
    let padded = values(md.padded_dims, count: shape.count)
    func agrees(with expected: [Int]) -> Bool {
      zip(shape, zip(strides, expected)).allSatisfy { $0 == 1 || $1.0 == $1.1 }
    }
    if blocking.inner_nblks == 0 {
      guard padded == shape else { return .opaque }
      if agrees(with: rowMajorStrides(shape)) { return .plain }
      guard shape.count == 4, shape[1] % 16 == 0 else { return .opaque }
      let (c, h, w) = (shape[1], shape[2], shape[3])
      return agrees(with: [h * w * c, 1, w * c, c]) ? .channelsLast : .opaque
    }
    let block = Int(blocking.inner_blks.0)
    guard blocking.inner_nblks == 1, blocking.inner_idxs.0 == 1, shape.count == 4,
      block == 8 || block == 16
    else { return .opaque }
    let blocks = (shape[1] + block - 1) / block
    guard padded == [shape[0], blocks * block, shape[2], shape[3]] else { return .opaque }
    let (h, w) = (shape[2], shape[3])
    let expected = [blocks * h * w * block, h * w * block, w * block, block]
    let agree = (0..<4).allSatisfy { axis in
      (axis == 1 ? blocks : shape[axis]) == 1 || strides[axis] == expected[axis]
    }
    return agree ? .channelBlocks(block) : .opaque
  }

  /// The strides of a row-major array.
  static func rowMajorStrides(_ shape: [Int]) -> [Int] {
    var strides = Array(repeating: 1, count: shape.count)
    for axis in shape.indices.dropLast().reversed() {
      strides[axis] = strides[axis + 1] * shape[axis + 1]
    }
    return strides
  }

  private static func values<Tuple>(_ tuple: Tuple, count: Int) -> [Int] {
    withUnsafeBytes(of: tuple) { bytes in
      bytes.bindMemory(to: Int64.self).prefix(count).map(Int.init)
    }
  }
}

extension dnnl_memory_desc_t {
  /// An array with the given strides.
  static func strided(
    shape: [Int], strides: [Int], of type: NumberType = .float32
  ) -> dnnl_memory_desc_t {
    var md = dnnl_memory_desc_t()
    let status = dnnl_memory_desc_init_by_strides(
      &md, Int32(shape.count), shape.map(Int64.init), type.type, strides.map(Int64.init))
    precondition(status == dnnl_success, "oneDNN has no layout for shape \(shape)")
    return md
  }

  /// An array in one of oneDNN's named layouts.
  static func tagged(
    shape: [Int], tag: dnnl_format_tag_t, of type: NumberType = .float32
  ) -> dnnl_memory_desc_t {
    var md = dnnl_memory_desc_t()
    let status = dnnl_memory_desc_init_by_tag(
      &md, Int32(shape.count), shape.map(Int64.init), type.type, tag)
    precondition(status == dnnl_success, "oneDNN has no layout for shape \(shape)")
    return md
  }

  /// An array whose layout oneDNN may choose.
  static func any(shape: [Int], of type: NumberType = .float32) -> dnnl_memory_desc_t {
    tagged(shape: shape, tag: dnnl_format_tag_any, of: type)
  }
}
