import CLibCrypto
import Foundation

/// SHA-256 of files, so that a manifest says exactly which data were used.
///
/// - Source: FIPS 180-4, as implemented by OpenSSL's libcrypto.
public enum ContentHash {
  /// The 64 hexadecimal digits of the SHA-256 of some bytes.
  public static func sha256(_ data: Data) -> String {
    var digest = [UInt8](repeating: 0, count: Int(SHA256_DIGEST_LENGTH))
    data.withUnsafeBytes { bytes in
      _ = SHA256(bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, &digest)
    }
    return digest.map { byte in
      let digits = String(byte, radix: 16)
      return byte < 16 ? "0\(digits)" : digits
    }.joined()
  }

  /// The SHA-256 of a file's contents.
  ///
  /// - Throws: ``ImageError/unreadable(path:reason:)``.
  public static func sha256(contentsOf url: URL) throws(ImageError) -> String {
    do {
      return sha256(try Data(contentsOf: url, options: .mappedIfSafe))
    } catch {
      throw .unreadable(path: url.path, reason: error.localizedDescription)
    }
  }
}
