#include "ingest/text_file.hpp"

#include <putki/core/error.hpp>

#include <fstream>
#include <system_error>
#include <vector>

namespace putki::detail {

std::string read_text_file(const std::filesystem::path& file, const std::string& what, std::size_t largest) {
  const auto refuse = [&](const std::string& problem) {
    throw InputError(file.string() + ": " + problem, ErrorCode::io);
  };
  std::error_code failed;
  const auto status = std::filesystem::status(file, failed);
  if (!std::filesystem::exists(status)) refuse("no such file");
  if (std::filesystem::is_directory(status)) refuse("is a directory, not " + what);
  std::ifstream in(file, std::ios::binary);
  if (!in) refuse("cannot be opened");
  std::string text;
  for (std::vector<char> block(1 << 16); in && text.size() <= largest;) {
    in.read(block.data(), static_cast<std::streamsize>(block.size()));
    text.append(block.data(), static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) refuse("cannot be read");
  return text;
}

}  // namespace putki::detail
