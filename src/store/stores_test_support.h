#pragma once
// For tests of every module that keeps tables: databases in which every write's work is run twice, the first
// time undone, as it is where another process was quicker (store/database.h). What a module's work leaves
// outside of its transaction would be there twice.

#include <filesystem>
#include <memory>

#include "store/stores.h"

namespace sightline::store::test {

inline std::unique_ptr<Stores> stores_that_run_twice(const std::filesystem::path& folder) {
  return stores_in_folder(folder, {.run_twice = true});
}

}  // namespace sightline::store::test
