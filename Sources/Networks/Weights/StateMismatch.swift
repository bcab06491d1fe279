import ArrayFiles

/// All the differences between the arrays that are there and the arrays that are needed.
public struct StateMismatch: Sendable, Equatable {
  /// An array of the right name that has the wrong shape.
  public struct Shape: Sendable, Equatable {
    /// The array's name.
    public let name: String
    /// The shape it must have.
    public let expected: [Int]
    /// The shape it has.
    public let actual: [Int]

    /// A difference in shape.
    public init(name: String, expected: [Int], actual: [Int]) {
      self.name = name
      self.expected = expected
      self.actual = actual
    }
  }

  /// An array of the right name whose elements are of a type that cannot be used.
  public struct Element: Sendable, Equatable {
    /// The array's name.
    public let name: String
    /// The type of its elements.
    public let actual: ElementType

    /// A difference in type.
    public init(name: String, actual: ElementType) {
      self.name = name
      self.actual = actual
    }
  }

  /// Names that are needed and not there, sorted.
  public var missing: [String]
  /// Names that are there and not needed, sorted.
  public var extra: [String]
  /// Arrays of the wrong shape, sorted by name.
  public var misshapen: [Shape]
  /// Arrays of the wrong element type, sorted by name.
  public var mistyped: [Element]

  /// The given differences.
  public init(
    missing: [String] = [], extra: [String] = [], misshapen: [Shape] = [],
    mistyped: [Element] = []
  ) {
    self.missing = missing
    self.extra = extra
    self.misshapen = misshapen
    self.mistyped = mistyped
  }

  /// What keeps `arrays` from being the arrays that are needed.
  ///
  /// - Parameters:
  ///   - needed: The shapes that are needed, by name.
  ///   - counters: The names that hold integers; all others hold floating-point numbers.
  ///   - arrays: What is there.
  init(needed: [String: [Int]], counters: Set<String> = [], in arrays: [String: StoredArray]) {
    self.init()
    missing = needed.keys.filter { arrays[$0] == nil }.sorted()
    extra = arrays.keys.filter { needed[$0] == nil }.sorted()
    for (name, shape) in needed.sorted(by: { $0.key < $1.key }) {
      guard let array = arrays[name] else { continue }
      if array.shape != shape {
        misshapen.append(Shape(name: name, expected: shape, actual: array.shape))
      }
      if array.elementType.isFloatingPoint == counters.contains(name) {
        mistyped.append(Element(name: name, actual: array.elementType))
      }
    }
  }

  /// Whether there is no difference.
  public var isEmpty: Bool {
    missing.isEmpty && extra.isEmpty && misshapen.isEmpty && mistyped.isEmpty
  }
}

extension StateMismatch: CustomStringConvertible {
  /// Every difference, on one line.
  public var description: String {
    var parts: [String] = []
    if !missing.isEmpty { parts.append("missing \(missing.joined(separator: ", "))") }
    if !extra.isEmpty { parts.append("not expected \(extra.joined(separator: ", "))") }
    parts += misshapen.map { "\($0.name) has shape \($0.actual), not \($0.expected)" }
    parts += mistyped.map { "\($0.name) has element type \($0.actual.rawValue)" }
    return parts.joined(separator: "; ")
  }
}

extension ElementType {
  /// Whether the elements are floating-point numbers.
  var isFloatingPoint: Bool {
    switch self {
    case .f64, .f32, .f16, .bf16: true
    case .i64, .i32, .i16, .i8, .u8, .bool: false
    }
  }
}
