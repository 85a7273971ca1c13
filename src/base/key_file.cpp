#include "base/key_file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <system_error>
#include <utility>

#include "base/ascii.h"
#include "base/base64.h"
#include "base/descriptor.h"
#include "base/file.h"

namespace sightline {
namespace {

constexpr std::size_t kLargestKeyFile = 65'536;

struct WipedText {
  Bytes bytes;
  ~WipedText() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
};

enum class KeyReader { owner, group };

// Looks at the very file that is then read.
Result<std::vector<MasterKey>> read_keys(const std::filesystem::path& path, KeyReader reader) {
  // Not blocking: a pipe in its place must not hold the program up.
  const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  struct stat info{};
  if (file.get() < 0 || ::fstat(file.get(), &info) != 0)
    return std::unexpected(system_error("read the key file", path, errno));
  if (!S_ISREG(info.st_mode))
    return fail(ErrorKind::invalid_argument,
                fmt::format("the key file '{}' is no regular file", path.string()));
  if (info.st_uid != 0 && info.st_uid != ::geteuid())
    return fail(
        ErrorKind::permission_denied,
        fmt::format("the key file '{}' belongs to another user, who could read or change it", path.string()));
  const mode_t others = reader == KeyReader::group ? S_IWGRP | S_IRWXO : S_IRWXG | S_IRWXO;
  if ((info.st_mode & others) != 0)
    return fail(
        ErrorKind::permission_denied,
        fmt::format("the key file '{}' is open to other users (mode {:04o}): chmod 600 it, and change the "
                    "key if they are not trusted",
                    path.string(), info.st_mode & 07777U));
  if (info.st_size > static_cast<off_t>(kLargestKeyFile))
    return fail(ErrorKind::too_large,
                fmt::format("the key file '{}' has more than {} bytes", path.string(), kLargestKeyFile));
  WipedText text{Bytes(kLargestKeyFile)};  // of its full size at once: growing would leave copies
  std::size_t used = 0;
  while (used < text.bytes.size()) {
    const ssize_t n = ::read(file.get(), text.bytes.data() + used, text.bytes.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return std::unexpected(system_error("read the key file", path, errno));
    if (n == 0) break;
    used += static_cast<std::size_t>(n);
  }
  return parse_keys({reinterpret_cast<const char*>(text.bytes.data()), used}, path);
}

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::symlink_status(path, ignored).type() != std::filesystem::file_type::not_found;
}

Result<std::vector<MasterKey>> own_keys(const std::filesystem::path& path, Random& random) {
  if (!is_there(path)) {
    const MasterKey key = MasterKey::make(random);
    const std::string text =
        fmt::format("# The key that seals the secrets in this folder. Without it they are lost.\n{} {}\n",
                    key.id, base64_encode(key.bytes));
    auto made = write_file_atomically(path, {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()},
                                      false, 0600);
    // Another process may have been quicker: then its key counts.
    if (!made && made.error().kind != ErrorKind::already_exists)
      return std::unexpected(std::move(made).error());
  }
  return read_keys(path, KeyReader::owner);
}

}  // namespace

Result<std::vector<MasterKey>> parse_keys(std::string_view text, const std::filesystem::path& path) {
  std::vector<MasterKey> keys;
  for (int number = 1; !text.empty(); ++number) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    line = trimmed(line);
    if (line.empty() || line.starts_with('#')) continue;
    const std::size_t gap = line.find_first_of(" \t");
    WipedText bytes;
    if (gap == std::string_view::npos || !base64_decode(trimmed(line.substr(gap)), bytes.bytes) ||
        bytes.bytes.size() != MasterKey::kBytes)
      return fail(ErrorKind::corrupt,
                  fmt::format("line {} of the key file '{}' is not a key's id and {} bytes in Base64", number,
                              path.string(), MasterKey::kBytes));
    MasterKey& key =
        keys.emplace_back(std::string(line.substr(0, gap)), std::array<std::uint8_t, MasterKey::kBytes>{});
    std::ranges::copy(bytes.bytes, key.bytes.begin());
  }
  if (keys.empty())
    return fail(ErrorKind::corrupt, fmt::format("the key file '{}' holds no key", path.string()));
  // Ids are looked at here too, so that the message can name the file.
  auto checked = SecretKeys::create(keys);
  if (!checked)
    return fail(ErrorKind::corrupt,
                fmt::format("the key file '{}': {}", path.string(), checked.error().message));
  return keys;
}

Result<SecretKeys> load_keys(const KeyPlaces& places, Random& random) {
  const std::filesystem::path own = places.data / kKeyFileName;
  const std::filesystem::path credential = places.credentials / kKeyFileName;
  std::vector<MasterKey> keys;
  if (!places.key_file.empty())
    keys = TRY(read_keys(places.key_file, KeyReader::owner));
  else if (!places.credentials.empty() && is_there(credential))
    keys = TRY(read_keys(credential, KeyReader::group));
  else
    return SecretKeys::create(TRY(own_keys(own, random)));
  if (is_there(own)) {
    for (MasterKey& key : TRY(read_keys(own, KeyReader::owner)))
      if (std::ranges::find(keys, key.id, &MasterKey::id) == keys.end()) keys.push_back(std::move(key));
  }
  return SecretKeys::create(std::move(keys));
}

}  // namespace sightline
