#include "ingest/csv_source.hpp"

#include <putki/core/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <system_error>

#include "ingest/utf8_text.hpp"

namespace putki {
namespace {

constexpr std::size_t kWindow = std::size_t{1} << 20;
constexpr std::string_view kUtf8Mark = "\xef\xbb\xbf";

[[noreturn]] void refuse_file(const std::string& file, std::string_view why) {
  throw InputError(fmt::format("cannot read {}: {}", file, why), ErrorCode::io);
}

[[noreturn]] void refuse_encoding(const std::string& where, std::string_view encoding) {
  throw InputError(fmt::format("{} is {} text; save it as UTF-8 (in Excel: \"CSV UTF-8\")", where, encoding));
}

}  // namespace

CsvSource::CsvSource(std::string_view text, std::string_view where)
    : where_(where), whole_(text), in_memory_(true), size_(text.size()) {
  begin();
}

CsvSource::CsvSource(const std::filesystem::path& file) : where_(file.string()) {
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (!std::filesystem::exists(status)) refuse_file(where_, "there is no such file");
  if (std::filesystem::is_directory(status)) refuse_file(where_, "it is a directory; a CSV file is expected");
  // The window is the only buffer that is needed.
  stream_.rdbuf()->pubsetbuf(nullptr, 0);
  stream_.open(file, std::ios::binary);
  if (!stream_) refuse_file(where_, "it cannot be opened");
  if (std::filesystem::is_regular_file(status)) {
    const auto announced = std::filesystem::file_size(file, error);
    size_ = error ? 0 : static_cast<std::size_t>(announced);
  } else {
    // What cannot be read twice is kept.
    while (!stream_.eof()) size_ += read_after(size_);
    whole_ = {buffer_.get(), size_};
    in_memory_ = true;
  }
  begin();
}

// Makes the first window.
void CsvSource::begin() {
  restart_at(0);
  check_start();
  if (window_.substr(0, kUtf8Mark.size()) != kUtf8Mark) return;
  text_begin_ = kUtf8Mark.size();
  restart_at(0);
}

// Encodings that say at the very beginning what they are.
void CsvSource::check_start() const {
  using namespace std::string_view_literals;
  const auto starts_with = [this](std::string_view mark) { return window_.substr(0, mark.size()) == mark; };
  if (starts_with("\xff\xfe\0\0"sv) || starts_with("\0\0\xfe\xff"sv)) refuse_encoding(where_, "UTF-32");
  if (starts_with("\xff\xfe")) refuse_encoding(where_, "UTF-16 (little-endian)");
  if (starts_with("\xfe\xff")) refuse_encoding(where_, "UTF-16 (big-endian)");
  if (starts_with("PK\x03\x04")) {
    throw InputError(fmt::format("{} is a ZIP archive, perhaps an Excel workbook; save the sheet as CSV", where_));
  }
}

// Text of one byte a character has no NUL; plain text of two bytes a character has one in every other place.
void CsvSource::check(std::string_view added, std::size_t position) const {
  if (added.empty()) return;
  const void* nul = std::memchr(added.data(), 0, added.size());
  if (nul == nullptr) return;
  if (position == 0) {
    check_start();
    const std::string_view front = added.substr(0, 4096);
    std::array<std::size_t, 2> nuls{};
    for (std::size_t i = 0; i < front.size(); ++i) nuls[i % 2] += front[i] == '\0' ? 1 : 0;
    const std::size_t many = front.size() / 4;
    if (nuls[1] > many && nuls[0] <= many / 8) refuse_encoding(where_, "UTF-16 (little-endian)");
    if (nuls[0] > many && nuls[1] <= many / 8) refuse_encoding(where_, "UTF-16 (big-endian)");
  }
  const auto at = position + static_cast<std::size_t>(static_cast<const char*>(nul) - added.data());
  throw InputError(fmt::format("{} is not text: byte {} is NUL", where_, at + 1));
}

double CsvSource::share_before(const char* place) const {
  return size_ == 0 ? 0.0 : std::min(1.0, static_cast<double>(distance(place)) / static_cast<double>(size_));
}

void CsvSource::advance(const char* keep) {
  const auto dropped = static_cast<std::size_t>(keep - window_.data());
  const std::size_t kept = window_.size() - dropped;
  window_begin_ += dropped;
  if (in_memory_) {
    const std::size_t length = std::min(whole_.size() - window_begin_, kept + std::max(kept, kWindow));
    window_ = whole_.substr(window_begin_, length);
    has_more_ = window_begin_ + length < whole_.size();
  } else {
    if (kept > 0) std::memmove(buffer_.get(), keep, kept);
    const std::size_t added = read_after(kept);
    window_ = {buffer_.get(), kept + added};
    has_more_ = !stream_.eof();
  }
  check(window_.substr(kept), window_begin_ + kept);
  is_ascii_ = putki::is_ascii(window_);
}

// Fills the buffer behind the bytes that stay; makes it larger when they are half of it.
std::size_t CsvSource::read_after(std::size_t kept) {
  if (kept >= capacity_ / 2) {
    capacity_ = std::max(kWindow, capacity_ * 2);
    auto larger = std::make_unique_for_overwrite<char[]>(capacity_);
    if (kept > 0) std::memcpy(larger.get(), buffer_.get(), kept);
    buffer_ = std::move(larger);
  }
  stream_.read(buffer_.get() + kept, static_cast<std::streamsize>(capacity_ - kept));
  if (stream_.bad()) refuse_file(where_, "reading failed");
  return static_cast<std::size_t>(stream_.gcount());
}

void CsvSource::restart_at(std::size_t position) {
  position += text_begin_;
  const bool is_here = position >= window_begin_ && position <= window_begin_ + window_.size();
  if (is_here && !window_.empty()) {
    window_.remove_prefix(position - window_begin_);
    window_begin_ = position;
    return;
  }
  if (!in_memory_) {
    stream_.clear();
    stream_.seekg(static_cast<std::streamoff>(position));
  }
  window_ = std::string_view(in_memory_ ? whole_.data() + position : buffer_.get(), std::size_t{0});
  window_begin_ = position;
  advance(window_.data());
}

}  // namespace putki
