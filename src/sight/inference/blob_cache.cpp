#include "sight/inference/blob_cache.h"

#include <algorithm>
#include <system_error>
#include <utility>
#include <vector>

#include "base/sha256.h"

namespace sightline::inference {
namespace {

namespace fs = std::filesystem;
constexpr std::string_view kMagic = "sightline-blob-1\n";
constexpr std::size_t kHashLength = 64;
constexpr std::string_view kExtension = ".blob";

std::string_view as_text(std::span<const std::uint8_t> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::span<const std::uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace

fs::path BlobCache::path_of(std::string_view key) const {
  return folder_ / (sha256_hex(as_bytes(key)) + std::string(kExtension));
}

std::optional<Bytes> BlobCache::load(std::string_view key) const {
  if (!enabled()) return std::nullopt;
  const fs::path path = path_of(key);
  auto file = read_file(path, kMaxBlob);
  if (!file) return std::nullopt;
  const std::string head = std::string(kMagic) + std::string(key) + "\n";
  const std::size_t start = head.size() + kHashLength;
  if (file->size() < start || as_text(*file).substr(0, head.size()) != head) return std::nullopt;
  const auto blob = std::span<const std::uint8_t>(*file).subspan(start);
  if (as_text(*file).substr(head.size(), kHashLength) != sha256_hex(blob)) return std::nullopt;
  std::error_code ignored;
  fs::last_write_time(path, fs::file_time_type::clock::now(), ignored);
  file->erase(file->begin(), file->begin() + static_cast<std::ptrdiff_t>(start));
  return std::move(*file);
}

void BlobCache::store(std::string_view key, std::span<const std::uint8_t> blob) const {
  if (!enabled() || blob.empty() || blob.size() > kMaxBlob / 2) return;
  std::error_code error;
  if (fs::create_directories(folder_, error))
    fs::permissions(folder_, fs::perms::owner_all, fs::perm_options::replace, error);
  Bytes file;
  const std::string head = std::string(kMagic) + std::string(key) + "\n" + sha256_hex(blob);
  file.reserve(head.size() + blob.size());
  file.insert(file.end(), head.begin(), head.end());
  file.insert(file.end(), blob.begin(), blob.end());
  if (write_file_atomically(path_of(key), file, true, 0600)) evict();
}

void BlobCache::evict() const {
  std::error_code error;
  std::vector<std::pair<fs::file_time_type, fs::path>> entries;
  for (fs::directory_iterator it(folder_, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() != kExtension) continue;
    std::error_code gone;
    const auto time = fs::last_write_time(it->path(), gone);
    if (!gone) entries.emplace_back(time, it->path());
  }
  std::ranges::sort(entries, std::greater{});
  for (std::size_t i = kMaxEntries; i < entries.size(); ++i) fs::remove(entries[i].second, error);
}

}  // namespace sightline::inference
