#pragma once
// The text of a CSV file, a window at a time: what the reader does with a window finds it in the cache still, and a
// file of any size takes a megabyte. Known to be text before anybody looks for rows in it.

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>

namespace putki {

class CsvSource {
 public:
  // Text in memory, which must outlive the source.
  CsvSource(std::string_view text, std::string_view where);
  // InputError (ErrorCode::io) when the file is missing, a directory or cannot be read. Pipes are read to their end.
  explicit CsvSource(const std::filesystem::path& file);

  // Names the source in messages.
  const std::string& where() const { return where_; }
  std::string_view window() const { return window_; }
  // No byte of the window is above 127.
  bool is_ascii() const { return is_ascii_; }
  // There may be text after the window.
  bool has_more() const { return has_more_; }
  // How far this place in the window is from the beginning of the text.
  std::size_t distance(const char* place) const {
    return window_begin_ - text_begin_ + static_cast<std::size_t>(place - window_.data());
  }
  // That, as a share of the whole.
  double share_before(const char* place) const;

  // Drops what stands before `keep`, a place in the window, and adds what follows the window; pointers into the window
  // become invalid. InputError when that has NUL bytes.
  void advance(const char* keep);
  // Makes the window begin at this distance.
  void restart_at(std::size_t position);

 private:
  void begin();
  void check_start() const;
  void check(std::string_view added, std::size_t position) const;
  std::size_t read_after(std::size_t kept);

  std::string where_;
  std::ifstream stream_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_ = 0;
  std::string_view whole_;  // what is in memory anyway; of other files the buffer holds the window
  bool in_memory_ = false;
  std::string_view window_;
  std::size_t window_begin_ = 0;  // its distance from the first byte
  std::size_t text_begin_ = 0;    // past the byte-order mark
  std::size_t size_ = 0;          // of the whole, as announced
  bool is_ascii_ = true;
  bool has_more_ = false;
};

}  // namespace putki
