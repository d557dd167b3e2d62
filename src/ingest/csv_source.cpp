#include "ingest/csv_source.hpp"

#include <putki/core/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <string>
#include <system_error>

namespace putki {
namespace {

constexpr std::size_t kBlock = std::size_t{1} << 15;
constexpr std::size_t kPipeBlock = std::size_t{1} << 20;

[[noreturn]] void refuse_file(const std::filesystem::path& file, std::string_view why) {
  throw InputError(fmt::format("cannot read {}: {}", file.string(), why), ErrorCode::io);
}

bool starts_with(std::string_view text, std::string_view mark) {
  return text.substr(0, mark.size()) == mark;
}

[[noreturn]] void refuse_encoding(std::string_view where, std::string_view encoding) {
  throw InputError(fmt::format("{} is {} text; save it as UTF-8 (in Excel: \"CSV UTF-8\")", where, encoding));
}

// Text of one byte a character has no NUL; plain text of two bytes a character has them in every other place.
void refuse_nul(std::string_view text, std::size_t position, std::string_view where) {
  const std::string_view front = text.substr(0, 4096);
  std::size_t nuls[2] = {0, 0};
  for (std::size_t i = 0; i < front.size(); ++i) nuls[i % 2] += front[i] == '\0';
  const std::size_t many = front.size() / 4;
  if (nuls[1] > many && nuls[0] <= many / 8) refuse_encoding(where, "UTF-16 (little-endian)");
  if (nuls[0] > many && nuls[1] <= many / 8) refuse_encoding(where, "UTF-16 (big-endian)");
  throw InputError(fmt::format("{} is not text: byte {} is NUL", where, position + 1));
}

}  // namespace

FileBytes read_whole_file(const std::filesystem::path& file) {
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (!std::filesystem::exists(status)) refuse_file(file, "there is no such file");
  if (std::filesystem::is_directory(status)) refuse_file(file, "it is a directory; a CSV file is expected");
  std::ifstream stream(file, std::ios::binary);
  if (!stream) refuse_file(file, "it cannot be opened");
  std::uintmax_t announced = 0;
  if (std::filesystem::is_regular_file(status)) announced = std::filesystem::file_size(file, error);
  if (error) announced = 0;

  FileBytes result;
  // One byte more than announced, so that the end of the file is met without growing.
  std::size_t capacity = announced > 0 ? static_cast<std::size_t>(announced) + 1 : kPipeBlock;
  result.bytes = std::make_unique_for_overwrite<char[]>(capacity);
  for (;;) {
    stream.read(result.bytes.get() + result.size, static_cast<std::streamsize>(capacity - result.size));
    result.size += static_cast<std::size_t>(stream.gcount());
    if (stream.bad()) refuse_file(file, "reading failed");
    if (!stream) return result;
    auto larger = std::make_unique_for_overwrite<char[]>(capacity * 2);
    std::memcpy(larger.get(), result.bytes.get(), result.size);
    result.bytes = std::move(larger);
    capacity *= 2;
  }
}

CsvText examine_text(std::string_view text, std::string_view where) {
  using namespace std::string_view_literals;
  if (starts_with(text, "\xff\xfe\0\0"sv) || starts_with(text, "\0\0\xfe\xff"sv)) refuse_encoding(where, "UTF-32");
  if (starts_with(text, "\xff\xfe")) refuse_encoding(where, "UTF-16 (little-endian)");
  if (starts_with(text, "\xfe\xff")) refuse_encoding(where, "UTF-16 (big-endian)");
  if (starts_with(text, "PK\x03\x04")) {
    throw InputError(fmt::format("{} is a ZIP archive, perhaps an Excel workbook; save the sheet as CSV", where));
  }
  if (starts_with(text, "\xef\xbb\xbf")) text.remove_prefix(3);

  unsigned char high = 0;
  bool blank = true;
  for (std::size_t begin = 0; begin < text.size(); begin += kBlock) {
    const std::string_view block = text.substr(begin, kBlock);
    if (const void* nul = std::memchr(block.data(), 0, block.size())) {
      refuse_nul(text, static_cast<std::size_t>(static_cast<const char*>(nul) - text.data()), where);
    }
    for (const char c : block) high = static_cast<unsigned char>(high | static_cast<unsigned char>(c));
    if (blank) blank = block.find_first_not_of(" \t\r\n") == std::string_view::npos;
  }
  if (blank) throw InputError(fmt::format("{} is empty; a header row with column names is expected", where));
  return {text, high < 0x80};
}

}  // namespace putki
