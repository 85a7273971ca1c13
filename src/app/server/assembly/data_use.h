#pragma once
// What the domains keep in a data folder, whether a server runs on it or not.

#include <filesystem>
#include <set>
#include <stop_token>
#include <string>

#include "app/server/assembly/domains.h"
#include "aws/admin/operations.h"
#include "store/disk_use.h"

namespace sightline::server {

enum class MeasureHow {
  names_only,  ///< what there is, without looking: all sizes are 0
  whole,
};

/// Bytes by domain, then those of compiled models ("models", where they lie in there), of the disk's reserve
/// (store/reserve.h) and of all else ("other"). Files that come and go meanwhile are counted or not.
[[nodiscard]] inline aws::admin::DataUse measure_data(const std::filesystem::path& folder, Instant now,
                                                      MeasureHow how, const std::stop_token& stop = {}) {
  namespace fs = std::filesystem;
  const bool look = how == MeasureHow::whole;
  aws::admin::DataUse use{folder.string(), look ? store::free_bytes(folder) : 0, now, {}};
  std::set<std::string> known;
  const auto add = [&](std::string_view name, const Kept& kept) {
    std::uint64_t bytes = 0;
    for (const std::string_view path : kept.paths) {
      // A table has its journal beside it.
      for (const char* ending : {"", "-wal", "-shm"}) {
        const std::string file = std::string(path) + ending;
        if (look) bytes += store::bytes_on_disk(folder / file, stop);
        known.insert(file.substr(0, file.find('/')));
      }
    }
    use.modules.push_back(
        {std::string(name), std::string(kept.what), bytes, bytes + use.free, std::string(kept.limited_by)});
  };
  for (const DomainKind* kind : domains())
    if (!kind->keeps.paths.empty()) add(kind->name, kind->keeps);
  static constexpr std::string_view kCompiled[] = {"compiled"};
  add("models",
      {kCompiled, "models compiled for this machine", "the disk; may be deleted while no server runs"});
  static constexpr std::string_view kReserve[] = {"reserve"};
  add("reserve",
      {kReserve, "room for deletions when the disk is full", "64 MiB, or an eighth of what was free"});
  use.modules.back().limit = std::uint64_t{64} << 20U;
  std::uint64_t other = 0;
  std::error_code ignored;
  if (look)
    for (const auto& entry : fs::directory_iterator(folder, ignored))
      if (!known.contains(entry.path().filename().string()))
        other += store::bytes_on_disk(entry.path(), stop);
  use.modules.push_back(
      {"other", "keys, locks, and what no module knows", other, other + use.free, "the disk"});
  return use;
}

}  // namespace sightline::server
