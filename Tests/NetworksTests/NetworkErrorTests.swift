import COneDNN
import Testing

@testable import Networks

@Suite struct NetworkErrorTests {
  @Test func `what oneDNN refuses is an error with its status and the operation`() {
    #expect(throws: NetworkError.backend(operation: "a softmax", status: 3)) {
      try check(dnnl_unimplemented, "a softmax")
    }
    #expect(
      "\(NetworkError.backend(operation: "a softmax", status: 1))"
        == "oneDNN refused a softmax with status 1 (out of memory); check the shapes, or free memory"
    )
    let error = NetworkError.shapeMismatch(operand: "image", expected: [4, 8], actual: [3])
    #expect("\(error)" == "image has shape [3] and must have [4, 8]")
  }
}
