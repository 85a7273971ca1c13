#pragma once
// The one place that makes OpenVINO sessions: precision, threads, streams, compiled-model cache.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "sight/inference/model_store.h"

namespace sightline::inference {

/// fp32, bf16: every network computes in it. int8: networks of which there is a quantised form take that, the
/// others compute as under automatic. automatic: int8 where the CPU multiplies bytes quickly and without
/// overflow (VNNI); otherwise, and for networks that are not quantised, BF16 where the CPU has it, else FP32.
enum class Precision { automatic, fp32, bf16, int8 };

struct RuntimeOptions {
  Precision precision = Precision::automatic;
  int threads = 0;                     ///< per inference; 0 = the cores of this machine
  int slots = 2;                       ///< leases of one session that may be out at a time
  std::filesystem::path cache_folder;  ///< compiled models, made 0700; empty = no cache
};

/// A float tensor that lives until the next run() of its lease.
struct Tensor {
  std::vector<std::int64_t> shape;
  std::span<const float> data;
};

/// A model compiled for one input shape. Thread-safe: each lease is one inference slot of its own.
class Session {
 public:
  class Lease {
   public:
    virtual ~Lease() = default;
    /// 8-bit interleaved RGB, height*width*3, as the session's shape says. Writable until run().
    [[nodiscard]] virtual std::span<std::uint8_t> input() = 0;
    [[nodiscard]] virtual Result<void> run() = 0;
    [[nodiscard]] virtual Tensor output(std::size_t index) const = 0;
  };
  virtual ~Session() = default;
  /// Waits until a slot is free.
  [[nodiscard]] virtual std::unique_ptr<Lease> lease() = 0;
  [[nodiscard]] virtual std::size_t output_count() const = 0;
};

/// Owns the OpenVINO core and the compiled sessions, keyed by model and shape; the least recently used shapes
/// are dropped and compiled again (or read from the cache) when asked for. Thread-safe.
class Runtime {
 public:
  static Result<std::unique_ptr<Runtime>> create(const RuntimeOptions& options);
  virtual ~Runtime() = default;
  /// A network that takes one picture, given as 8-bit RGB and made there into what `input` says. Compiles on
  /// first use, several at a time; who asks for one that another thread compiles waits for it.
  [[nodiscard]] virtual Result<std::shared_ptr<Session>> rgb_session(const std::filesystem::path& model,
                                                                     const std::string& model_sha256,
                                                                     int width, int height,
                                                                     const PictureInput& input) = 0;
  /// One that takes RGB of 0 to 255 in planes.
  [[nodiscard]] Result<std::shared_ptr<Session>> rgb_session(const std::filesystem::path& model,
                                                             const std::string& model_sha256, int width,
                                                             int height) {
    return rgb_session(model, model_sha256, width, height, PictureInput{});
  }
  /// Reads the model now, so that sessions of any size can be made of it later by a process that may open no
  /// file any more.
  [[nodiscard]] virtual Result<void> keep_in_memory(const std::filesystem::path& model) = 0;
  /// Gives back what sessions that nobody leases keep between runs: 70 MB at 1280x736, 120 MB at 1920x1088.
  /// Their next run takes it again, which costs some time.
  virtual void release_memory() = 0;
  /// fp32 or bf16: the one in force for networks that are not quantised.
  [[nodiscard]] virtual Precision precision() const = 0;
  /// Which form of a model to run here.
  [[nodiscard]] virtual ModelForm preferred_form() const = 0;
  /// Whether this CPU, as OpenVINO may use it, sums 8-bit products without saturating (VNNI). Elsewhere the
  /// quantised form of a network finds the same faces with coarser boxes and scores.
  [[nodiscard]] virtual bool has_exact_int8() const = 0;
  [[nodiscard]] virtual int threads() const = 0;
  [[nodiscard]] virtual std::string version() const = 0;  ///< OpenVINO's build number
};

}  // namespace sightline::inference
