#pragma once
// A copy of a data folder as it was at one instant, made while a server writes to it, and the way back.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace sightline::store {

struct BackupSize {
  std::size_t databases = 0;
  std::size_t blobs = 0;
  std::uint64_t bytes = 0;  ///< of both
};

/// What a data folder holds that is kept: its databases ("queues.db", "jobs/jobs.db"), wherever they lie
/// outside of its blobs, the blobs, and `files` (names below the folder; those that are not there are left
/// out).
///
/// Copies all of it from `data` to the new folder `target` (mode 0700), which is there whole or not at all.
/// Every transaction that was committed before the call is in the copy. All databases are copied as of one
/// instant, and each blob that a row of them names is there: writers are held up, for as long as it takes to
/// list and link the blobs that are new since the call began. Blobs are linked where `target` is on the file
/// system of `data`, since they never change, and else copied.
///
/// Errors: invalid_argument (`target` lies in `data`), already_exists (`target`, unless it is an empty
/// folder), not_found (`data` holds no database), unavailable (a writer has held a database for seconds),
/// no_space, permission_denied, io, corrupt.
[[nodiscard]] Result<BackupSize> back_up(const std::filesystem::path& data,
                                         const std::filesystem::path& target,
                                         const std::vector<std::string>& files);

/// The way back: the new data folder `data`, from what back_up() made. Looks through every database. Errors:
/// as those of back_up(), corrupt for what is damaged.
[[nodiscard]] Result<BackupSize> restore_backup(const std::filesystem::path& backup,
                                                const std::filesystem::path& data,
                                                const std::vector<std::string>& files);

/// Removes what a backup of `data` that was killed has left in it: links to blobs that may have been deleted
/// since. Nothing while a backup is under way. Errors: permission_denied, io.
[[nodiscard]] Result<void> clean_up_after_backups(const std::filesystem::path& data);

}  // namespace sightline::store
