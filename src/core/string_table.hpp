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
  constexpr std::uint64_t first_factor = 0x9e3779b97f4a7c15ULL;
  constexpr std::uint64_t second_factor = 0xd6e8feb86659fd93ULL;
  const auto load8 = [](const char* p) {
    std::uint64_t word = 0;
    std::memcpy(&word, p, 8);
    return word;
  };
  const auto load4 = [](const char* p) {
    std::uint32_t word = 0;
    std::memcpy(&word, p, 4);
    return static_cast<std::uint64_t>(word);
  };
  const char* p = text.data();
  std::size_t left = text.size();
  std::uint64_t hash = first_factor * (left + 1);
  const auto take = [&hash](std::uint64_t word) {
    hash = (hash ^ word) * second_factor;
    hash ^= hash >> 32;
  };
  for (; left > 8; p += 8, left -= 8) take(load8(p));
  if (left >= 4) {
    take(load4(p) | load4(p + left - 4) << 32);
  } else if (left > 0) {
    const auto byte = [p](std::size_t i) { return static_cast<std::uint64_t>(static_cast<unsigned char>(p[i])); };
    take(byte(0) | byte(left / 2) << 8 | byte(left - 1) << 16);
  }
  hash *= first_factor;
  return hash ^ hash >> 29;
}

class StringTable {
 public:
  static constexpr std::uint32_t kAbsent = 0xffffffffU;

  std::size_t size() const { return texts_.size(); }
  std::string_view operator[](std::size_t i) const { return texts_[i]; }

  void reserve(std::size_t count) {
    texts_.ends.reserve(count);
    while (slots_.size() < count * 2) grow();
  }

  std::uint32_t find(std::string_view text) const {
    if (slots_.empty()) return kAbsent;
    return slots_[place_of(text, static_cast<std::uint32_t>(hash_text(text) >> 32))].number;
  }

  // The text's number; numbers are given in order of first sight.
  std::uint32_t intern(std::string_view text) {
    if (size() * 2 >= slots_.size()) grow();
    const auto hash = static_cast<std::uint32_t>(hash_text(text) >> 32);
    Slot& slot = slots_[place_of(text, hash)];
    if (slot.number == kAbsent) {
      slot = {hash, static_cast<std::uint32_t>(size())};
      texts_.append(text);
    }
    return slot.number;
  }

  // The texts without the hash; leaves the table empty.
  StringArena take() {
    slots_.clear();
    bits_ = 0;
    return std::exchange(texts_, {});
  }

 private:
  struct Slot {
    std::uint32_t hash;
    std::uint32_t number;
  };

  // Slots are in order of their hashes but for collisions: growing then is a walk through both tables from front to
  // back, that asks no text and misses no cache.
  std::size_t home(std::uint32_t hash) const {
    return bits_ <= 32 ? hash >> (32 - bits_) : static_cast<std::size_t>(hash) << (bits_ - 32);
  }
  std::size_t after(std::size_t place) const { return (place + 1) & (slots_.size() - 1); }

  // Where the text is, or the free slot where it belongs.
  std::size_t place_of(std::string_view text, std::uint32_t hash) const {
    std::size_t place = home(hash);
    while (slots_[place].number != kAbsent && (slots_[place].hash != hash || texts_[slots_[place].number] != text)) {
      place = after(place);
    }
    return place;
  }

  void grow() {
    bits_ = bits_ == 0 ? 4 : bits_ + 1;
    const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(std::size_t{1} << bits_, Slot{0, kAbsent}));
    for (const Slot& slot : old) {
      if (slot.number == kAbsent) continue;
      std::size_t place = home(slot.hash);
      while (slots_[place].number != kAbsent) place = after(place);
      slots_[place] = slot;
    }
  }

  StringArena texts_;
  std::vector<Slot> slots_;
  unsigned bits_ = 0;  // of the number of slots
};

}  // namespace putki
