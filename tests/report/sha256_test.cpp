#include "report/sha256.hpp"

#include <catch2/catch.hpp>

using namespace putki;

namespace {

std::string hexadecimal(const Sha256::Digest& digest) {
  std::string text;
  for (const unsigned char byte : digest) {
    text += "0123456789abcdef"[byte / 16];
    text += "0123456789abcdef"[byte % 16];
  }
  return text;
}

std::string hash_of(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hexadecimal(hash.digest());
}

}  // namespace

// Examples of FIPS 180-2 and of NIST's Secure Hash Standard test vectors.
TEST_CASE("SHA-256 gives the published digests") {
  CHECK(hash_of("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(hash_of("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  CHECK(hash_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq") ==
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  CHECK(hash_of(std::string(1000000, 'a')) == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_CASE("a digest does not depend on how the bytes came, and the next begins anew") {
  const std::string bytes(300, 'x');
  Sha256 hash;
  for (std::size_t step = 1; step < 130; ++step) {
    for (std::size_t i = 0; i < bytes.size(); i += step) hash.update(std::string_view(bytes).substr(i, step));
    CHECK(hexadecimal(hash.digest()) == hash_of(bytes));
  }
}

// RFC 4648, section 10.
TEST_CASE("base64 gives the published texts") {
  CHECK(base64("") == "");
  CHECK(base64("f") == "Zg==");
  CHECK(base64("fo") == "Zm8=");
  CHECK(base64("foo") == "Zm9v");
  CHECK(base64("foob") == "Zm9vYg==");
  CHECK(base64("fooba") == "Zm9vYmE=");
  CHECK(base64("foobar") == "Zm9vYmFy");
  CHECK(base64("\xff\xfe\xfd\xfc") == "//79/A==");
}
