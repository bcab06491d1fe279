extension Expression: CustomStringConvertible {
  /// The expression as it was written: `2 * square(x) - y`. Long ones are cut short.
  public var description: String { text(above: 0) }

  /// The text, in parentheses where the surrounding operation binds more strongly.
  private func text(above binding: Int) -> String {
    switch content {
    case .constant(let data): return data.text
    case .variable, .parameter: return name ?? leafText
    case .defined("/", let arguments, _):
      let text = arguments[0].text(above: 2) + " / " + arguments[1].text(above: 3)
      return binding > 2 ? "(\(text))" : text
    case .defined(let name, let arguments, _): return call(name, arguments)
    case .atom(let atom, let arguments):
      switch atom.name {
      case Atom.addition.name: return sumText(arguments, binding)
      case Atom.negation.name:
        return binding > 0 ? "(-\(arguments[0].text(above: 2)))" : "-" + arguments[0].text(above: 2)
      case Atom.matrixProduct.name, Atom.scaling.name:
        let text = arguments[0].text(above: 2) + " * " + arguments[1].text(above: 3)
        return binding > 2 ? "(\(text))" : text
      case let index where index.hasPrefix("["): return arguments[0].text(above: 4) + index
      default: return call(atom.name, arguments)
      }
    }
  }

  /// The value of a constant number.
  private var number: Double? {
    guard case .constant(.dense(let matrix)) = content, isScalar else { return nil }
    return matrix.elements[0]
  }

  private var leafText: String {
    let kind = if case .variable = content { "variable" } else { "parameter" }
    return shape.isScalar ? kind : "\(kind)(\(shape))"
  }

  private func call(_ name: String, _ arguments: [Expression]) -> String {
    name + "(" + Expression.list(arguments.map { $0.text(above: 0) }, ", ") + ")"
  }

  private func sumText(_ terms: [Expression], _ binding: Int) -> String {
    var text = ""
    for (index, term) in terms.enumerated() {
      if index > 6 {
        text += " + …"
        break
      }
      if index == 0 {
        text = term.text(above: 1)
      } else if case .atom(let atom, let arguments) = term.content,
        atom.name == Atom.negation.name
      {
        text += " - " + arguments[0].text(above: 2)
      } else if let number = term.number, number < 0 {
        text += " - " + (-number).expression.text(above: 2)
      } else {
        text += " + " + term.text(above: 1)
      }
    }
    return binding > 1 ? "(\(text))" : text
  }

  private static func list(_ texts: [String], _ separator: String) -> String {
    texts.count <= 6
      ? texts.joined(separator: separator)
      : texts.prefix(3).joined(separator: separator) + ", …, " + texts[texts.count - 1]
  }
}

extension ConstantData {
  /// A number as itself, a larger constant by its shape.
  fileprivate var text: String {
    guard case .dense(let matrix) = self, matrix.shape.isScalar else { return "constant(\(shape))" }
    let number = matrix.elements[0]
    return number == number.rounded() && abs(number) < 1e15 ? "\(Int(number))" : "\(number)"
  }
}
