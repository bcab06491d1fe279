import ArrayFiles
import Testing

@Suite struct ArrayFileErrorTests {
  @Test func `a message is one line with the file, the fault and the remedy`() {
    let error = ArrayFileError.truncated(path: "w.safetensors", expected: 100, actual: 60)
    #expect(
      "\(error)" == "w.safetensors: is cut short, 60 bytes of 100; copy or download it again")
    let errors: [ArrayFileError] = [
      error, .unreadable(path: "p", reason: "r"), .unwritable(path: "p", reason: "r"),
      .foreign(path: "p", format: "f"), .trailingBytes(path: "p", count: 1),
      .malformedHeader(path: "p", offset: 8, reason: "r"), .duplicateName(path: "p", name: "n"),
      .unknownElementType(path: "p", array: "n", type: "t"),
      .tooLarge(path: "p", array: "n", shape: [1]),
      .sizeMismatch(path: "p", array: "n", expected: 1, actual: 2),
      .misplaced(path: "p", array: "n", expected: 1, actual: 2),
      .unsupportedElementType(path: "p", type: .bf16), .missingArray(name: "n", available: ["m"]),
      .notRepresentable(index: 1, value: "v", type: "t"),
    ]
    for error in errors {
      #expect(!"\(error)".contains("\n"))
      #expect("\(error)".contains(";"))
    }
  }
}
