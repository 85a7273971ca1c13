#include "base/sha256.h"

#include <array>
#include <cerrno>
#include <fstream>

#include "base/digest.h"
#include "base/file.h"
#include "base/hex.h"

namespace sightline {

std::string sha256_hex(std::span<const std::uint8_t> bytes) {
  Digest digest(DigestKind::sha256);
  digest.update({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  return hex(digest.finish());
}

Result<std::string> sha256_file(const std::filesystem::path& path) {
  errno = 0;
  std::ifstream file(path, std::ios::binary);
  if (!file) return std::unexpected(system_error("read", path, errno != 0 ? errno : EIO));
  Digest digest(DigestKind::sha256);
  std::array<char, 1 << 16> block{};
  while (file) {
    file.read(block.data(), block.size());
    digest.update({block.data(), static_cast<std::size_t>(file.gcount())});
  }
  if (file.bad()) return std::unexpected(system_error("read", path, EIO));
  return hex(digest.finish());
}

}  // namespace sightline
