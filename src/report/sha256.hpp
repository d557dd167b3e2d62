#pragma once
// SHA-256 (FIPS 180-4), for the hashes of a page's Content-Security-Policy.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace putki {

class Sha256 {
 public:
  using Digest = std::array<unsigned char, 32>;
  void update(std::string_view bytes);
  // Of all bytes so far; what is updated after it begins anew.
  Digest digest();

 private:
  static constexpr std::array<std::uint32_t, 8> kInitial = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                                            0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
  void block(const unsigned char* bytes);

  std::array<std::uint32_t, 8> state_ = kInitial;
  std::array<unsigned char, 64> rest_{};
  std::size_t rest_length_ = 0;
  std::uint64_t length_ = 0;
};

// RFC 4648, with padding.
std::string base64(std::string_view bytes);

}  // namespace putki
