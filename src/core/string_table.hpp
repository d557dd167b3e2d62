#pragma once
// Texts numbered in order of first appearance: an open-addressing hash over one arena of characters, so that a new
// text costs no allocation of its own. Used for deal names, attribute values and raw stage names.

#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>
#include <vector>

namespace putki {

// Texts one after the other; text i ends at ends[i].
struct StringArena {
  std::vector<char> characters;
  std::vector<std::uint64_t> ends;

  std::size_t size() const { return ends.size(); }
  std::string_view operator[](std::size_t i) const {
    const std::uint64_t begin = i == 0 ? 0 : ends[i - 1];
    return {characters.data() + begin, static_cast<std::size_t>(ends[i] - begin)};
  }
  void append(std::string_view text) {
    characters.insert(characters.end(), text.begin(), text.end());
    ends.push_back(characters.size());
  }
};

inline std::uint64_t hash_text(std::string_view text) {
  constexpr std::uint64_t kA = 0x9e3779b97f4a7c15ULL;
  constexpr std::uint64_t kB = 0xd6e8feb86659fd93ULL;
  const auto load8 = [](const char* p) {
    std::uint64_t word;
    std::memcpy(&word, p, 8);
    return word;
  };
  const auto load4 = [](const char* p) {
    std::uint32_t word;
    std::memcpy(&word, p, 4);
    return static_cast<std::uint64_t>(word);
  };
  const char* p = text.data();
  std::size_t left = text.size();
  std::uint64_t hash = kA * (left + 1);
  const auto take = [&hash](std::uint64_t word) {
    hash = (hash ^ word) * kB;
    hash ^= hash >> 32;
  };
  for (; left > 8; p += 8, left -= 8) take(load8(p));
  if (left >= 4) {
    take(load4(p) | load4(p + left - 4) << 32);
  } else if (left > 0) {
    const auto byte = [p](std::size_t i) { return static_cast<std::uint64_t>(static_cast<unsigned char>(p[i])); };
    take(byte(0) | byte(left / 2) << 8 | byte(left - 1) << 16);
  }
  hash *= kA;
  return hash ^ hash >> 29;
}

class StringTable {
 public:
  static constexpr std::uint32_t kAbsent = 0xffffffffU;

  std::size_t size() const { return texts_.size(); }
  std::string_view operator[](std::size_t i) const { return texts_[i]; }

  void reserve(std::size_t count) {
    texts_.ends.reserve(count);
    if (count * 2 > slots_.size()) rehash(count * 2);
  }

  std::uint32_t find(std::string_view text) const {
    if (slots_.empty()) return kAbsent;
    const std::uint64_t hash = hash_text(text);
    for (std::size_t at = hash & mask_; slots_[at].number != kAbsent; at = (at + 1) & mask_) {
      if (slots_[at].tag == tag(hash) && texts_[slots_[at].number] == text) return slots_[at].number;
    }
    return kAbsent;
  }

  // The text's number; numbers are given in order of first sight.
  std::uint32_t intern(std::string_view text) {
    if ((size() + 1) * 2 > slots_.size()) rehash((size() + 1) * 4);
    const std::uint64_t hash = hash_text(text);
    std::size_t at = hash & mask_;
    for (; slots_[at].number != kAbsent; at = (at + 1) & mask_) {
      if (slots_[at].tag == tag(hash) && texts_[slots_[at].number] == text) return slots_[at].number;
    }
    const auto number = static_cast<std::uint32_t>(size());
    texts_.append(text);
    slots_[at] = {tag(hash), number};
    return number;
  }

  // The texts without the hash; leaves the table empty.
  StringArena take() {
    slots_.clear();
    return std::exchange(texts_, {});
  }

 private:
  struct Slot {
    std::uint32_t tag;
    std::uint32_t number;
  };
  static std::uint32_t tag(std::uint64_t hash) { return static_cast<std::uint32_t>(hash >> 32); }

  void rehash(std::size_t wanted) {
    std::size_t capacity = 16;
    while (capacity < wanted) capacity *= 2;
    slots_.assign(capacity, {0, kAbsent});
    mask_ = capacity - 1;
    for (std::uint32_t number = 0; number < size(); ++number) {
      const std::uint64_t hash = hash_text(texts_[number]);
      std::size_t at = hash & mask_;
      while (slots_[at].number != kAbsent) at = (at + 1) & mask_;
      slots_[at] = {tag(hash), number};
    }
  }

  StringArena texts_;
  std::vector<Slot> slots_;
  std::size_t mask_ = 0;
};

}  // namespace putki
