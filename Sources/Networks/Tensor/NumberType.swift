import COneDNN

/// What the numbers of a tensor are in memory.
enum NumberType: Hashable {
  case float32
  /// The upper half of a Float32: its range with 8 significant bits. Operations that do not know it
  /// get such a tensor as Float32.
  case bfloat16
  /// A byte of memory that oneDNN uses as it likes.
  case byte

  init(_ type: dnnl_data_type_t) {
    switch type {
    case dnnl_f32: self = .float32
    case dnnl_bf16: self = .bfloat16
    case dnnl_s8, dnnl_u8: self = .byte
    default: preconditionFailure("a tensor of oneDNN's type \(type.rawValue)")
    }
  }

  /// oneDNN's name of it.
  var type: dnnl_data_type_t {
    switch self {
    case .float32: dnnl_f32
    case .bfloat16: dnnl_bf16
    case .byte: dnnl_u8
    }
  }

  var byteCount: Int {
    switch self {
    case .float32: 4
    case .bfloat16: 2
    case .byte: 1
    }
  }
}
