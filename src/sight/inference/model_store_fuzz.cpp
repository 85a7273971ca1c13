// The manifest parser against arbitrary text.

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "sight/inference/model_store.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto model =
      sightline::inference::parse_manifest({reinterpret_cast<const char*>(data), size}, "fuzzed.toml");
  if (model && (model->file.find('/') != std::string::npos || model->sha256.size() != 64)) __builtin_trap();
  return 0;
}
