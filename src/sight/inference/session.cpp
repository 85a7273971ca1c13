#include "sight/inference/session.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <future>
#include <iterator>
#include <list>
#include <map>
#include <mutex>
#include <openvino/openvino.hpp>
#include <spanstream>
#include <sstream>
#include <thread>

#include "sight/inference/blob_cache.h"

namespace sightline::inference {
namespace {

constexpr int kMaxSide = 16384;
/// Compiled shapes held at a time. Folders of pictures may ask for many large ones, which take some 50 MB
/// each; networks with an input of one small size must not lose theirs to them.
constexpr std::size_t kMaxSessions = 24;
constexpr std::size_t kMaxLargeSessions = 8;
constexpr int kLargePixels = 800 * 600;

/// Runs `work`, turning whatever OpenVINO throws into an Error that names `what`.
template <typename Work>
auto guarded(ErrorKind kind, std::string_view what, Work&& work) -> Result<decltype(work())> {
  try {
    if constexpr (std::is_void_v<decltype(work())>) {
      work();
      return {};
    } else {
      return work();
    }
  } catch (const std::exception& error) {
    std::string text = error.what();
    std::ranges::replace(text, '\n', ' ');
    return fail(kind, fmt::format("{}: {}", what, text.substr(0, 300)));
  } catch (...) {
    return fail(kind, fmt::format("{}: unknown exception", what));
  }
}

std::span<const std::uint8_t> bytes_of(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// What networks can be computed in.
class Capabilities {
 public:
  /// `names`: what OpenVINO calls the CPU's capabilities. They do not show that it was restricted to fewer
  /// instructions than the CPU has; networks in a form that needs those fail then, or find faces everywhere.
  explicit Capabilities(std::vector<std::string> names) : names_(std::move(names)) {
    if (const char* limit = std::getenv("ONEDNN_MAX_CPU_ISA")) limit_ = limit;
  }

  /// Sums of 8-bit products are exact. Without VNNI they saturate at 16 bits, which costs CenterFace more
  /// than a hundredth of its average precision (docs/benchmarks/detect.md).
  bool multiply_bytes_exactly() const {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512vnni") != 0 && !is_below_avx512() && limit_ != "AVX512_CORE";
#else
    return false;
#endif
  }
  bool compute_bf16() const {
    return std::ranges::find(names_, "BF16") != names_.end() && !is_below_avx512();
  }
  std::string text() const { return fmt::format("{} {}", fmt::join(names_, " "), limit_); }

 private:
  bool is_below_avx512() const {
    return limit_.starts_with("SSE") || limit_ == "AVX" || limit_.starts_with("AVX2");
  }

  std::vector<std::string> names_;
  std::string limit_;
};

class PooledSession final : public Session, public std::enable_shared_from_this<PooledSession> {
 public:
  PooledSession(ov::CompiledModel model, std::string name, int width, int height)
      : model_(std::move(model)), name_(std::move(name)), width_(width), height_(height) {}

  Result<void> open_slots(int count) {
    return guarded(ErrorKind::unavailable, name_, [&] {
      for (; slot_count_ < static_cast<std::size_t>(count); ++slot_count_) slots_.push_back(make_slot());
    });
  }

  std::unique_ptr<Lease> lease() override {
    std::unique_lock lock(mutex_);
    freed_.wait(lock, [&] { return !slots_.empty(); });
    auto slot = std::move(slots_.back());
    slots_.pop_back();
    return std::make_unique<SlotLease>(shared_from_this(), std::move(slot));
  }

  std::size_t output_count() const override { return model_.outputs().size(); }

  /// Without effect while a lease is out.
  void release_memory() {
    const std::lock_guard lock(mutex_);
    if (slots_.size() < slot_count_) return;
    // What cannot be given back stays: that costs only memory.
    (void)guarded(ErrorKind::internal, "release", [&] { model_.release_memory(); });
  }

 private:
  struct Slot {
    ov::InferRequest request;
    ov::Tensor input;
  };

  class SlotLease final : public Lease {
   public:
    SlotLease(std::shared_ptr<PooledSession> session, std::unique_ptr<Slot> slot)
        : session_(std::move(session)), slot_(std::move(slot)) {}
    ~SlotLease() override { session_->give_back(std::move(slot_)); }

    std::span<std::uint8_t> input() override {
      return {slot_->input.data<std::uint8_t>(), slot_->input.get_size()};
    }

    Result<void> run() override {
      return guarded(ErrorKind::internal, fmt::format("inference with {} failed", session_->name_),
                     [&] { slot_->request.infer(); });
    }

    Tensor output(std::size_t index) const override {
      const ov::Tensor tensor = slot_->request.get_output_tensor(index);
      const auto& shape = tensor.get_shape();
      return {{shape.begin(), shape.end()}, {tensor.data<const float>(), tensor.get_size()}};
    }

   private:
    // Shared: a lease may outlive the Runtime's own reference to the session.
    std::shared_ptr<PooledSession> session_;
    std::unique_ptr<Slot> slot_;
  };

  std::unique_ptr<Slot> make_slot() {
    auto slot = std::make_unique<Slot>();
    slot->request = model_.create_infer_request();
    slot->input = ov::Tensor(ov::element::u8,
                             {1, static_cast<std::size_t>(height_), static_cast<std::size_t>(width_), 3});
    slot->request.set_input_tensor(slot->input);
    return slot;
  }

  void give_back(std::unique_ptr<Slot> slot) {
    std::lock_guard lock(mutex_);
    slots_.push_back(std::move(slot));
    freed_.notify_one();
  }

  ov::CompiledModel model_;
  const std::string name_;
  const int width_;
  const int height_;
  std::mutex mutex_;
  std::condition_variable freed_;
  std::size_t slot_count_ = 0;
  std::vector<std::unique_ptr<Slot>> slots_;
};

class OpenVinoRuntime final : public Runtime {
 public:
  explicit OpenVinoRuntime(const RuntimeOptions& options) : options_(options) {}

  Result<void> start() {
    return guarded(ErrorKind::unavailable,
                   "the inference runtime (OpenVINO) does not start; run `sightline setup`", [&] {
                     const Capabilities can(core_.get_property("CPU", ov::device::capabilities));
                     exact_int8_ = can.multiply_bytes_exactly();
                     if (options_.precision == Precision::int8 ||
                         (options_.precision == Precision::automatic && exact_int8_))
                       form_ = ModelForm::quantised;
                     if (options_.precision != Precision::fp32 && options_.precision != Precision::bf16)
                       options_.precision = can.compute_bf16() ? Precision::bf16 : Precision::fp32;
                     if (options_.threads <= 0)
                       options_.threads = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
                     options_.slots = std::clamp(options_.slots, 1, 64);
                     cpu_ =
                         fmt::format("{} {}", core_.get_property("CPU", ov::device::full_name), can.text());
                     build_ = ov::get_openvino_version().buildNumber;
                   });
  }

  Result<std::shared_ptr<Session>> rgb_session(const std::filesystem::path& model, const std::string& sha256,
                                               int width, int height, const PictureInput& input) override {
    if (width < 1 || height < 1 || width > kMaxSide || height > kMaxSide)
      return fail(ErrorKind::invalid_argument,
                  fmt::format("a network input of {}x{} is out of range (1 to {})", width, height, kMaxSide));
    const Key key{sha256, width, height, input};
    std::promise<Made> promise;
    {
      std::unique_lock lock(mutex_);
      for (auto known = sessions_.begin(); known != sessions_.end(); ++known) {
        if (known->first != key) continue;
        sessions_.splice(sessions_.begin(), sessions_, known);
        const std::shared_future<Made> made = sessions_.front().second;
        lock.unlock();
        return made.get();
      }
      make_room(key);
      sessions_.emplace_front(key, promise.get_future().share());
    }
    Made made = make(model, key);
    if (!made) {
      const std::lock_guard lock(mutex_);
      sessions_.remove_if([&](const auto& entry) { return entry.first == key; });
    }
    promise.set_value(made);
    return made;
  }

  Result<void> keep_in_memory(const std::filesystem::path& model) override {
    const std::lock_guard lock(mutex_);
    return guarded(ErrorKind::unavailable, model.string(),
                   [&] { graphs_[model.string()] = core_.read_model(model.string()); });
  }

  void release_memory() override {
    const std::lock_guard lock(mutex_);
    for (const auto& [key, made] : sessions_) {
      const bool is_made = made.wait_for(std::chrono::seconds::zero()) == std::future_status::ready;
      if (is_made && made.get()) (*made.get())->release_memory();
    }
  }

  Precision precision() const override { return options_.precision; }
  ModelForm preferred_form() const override { return form_; }
  bool has_exact_int8() const override { return exact_int8_; }
  int threads() const override { return options_.threads; }
  std::string version() const override { return build_; }

 private:
  struct Key {
    std::string sha256;  ///< of the weights
    int width;
    int height;
    PictureInput input;
    bool operator==(const Key&) const = default;
  };

  using Made = Result<std::shared_ptr<PooledSession>>;

  ov::AnyMap settings() const {
    return {
        ov::hint::performance_mode(ov::hint::PerformanceMode::LATENCY), ov::num_streams(1),
        ov::inference_num_threads(options_.threads), ov::enable_profiling(false),
        // Encoder and decoder share the cores: a pinned thread would wait for its own while another is free.
        ov::hint::enable_cpu_pinning(false),
        ov::hint::inference_precision(options_.precision == Precision::bf16 ? ov::element::bf16
                                                                            : ov::element::f32)};
  }

  static bool is_large(const Key& key) { return key.width * key.height > kLargePixels; }

  /// The least recently used goes, of the large ones first; whoever still holds it keeps it alive.
  void make_room(const Key& coming) {
    const auto large = [](const auto& entry) { return is_large(entry.first); };
    if (is_large(coming) &&
        std::ranges::count_if(sessions_, large) >= static_cast<std::ptrdiff_t>(kMaxLargeSessions))
      sessions_.erase(std::prev(std::find_if(sessions_.rbegin(), sessions_.rend(), large).base()));
    if (sessions_.size() >= kMaxSessions) sessions_.pop_back();
  }

  /// What the blob of a compiled model depends on beside the network.
  static std::string text_of(const PictureInput& input) {
    if (input == PictureInput{}) return "";
    return fmt::format("|{} {} {} {}", static_cast<int>(input.layout), static_cast<int>(input.colors),
                       fmt::join(input.mean, ","), fmt::join(input.scale, ","));
  }

  /// From 8-bit interleaved RGB to what the network takes.
  static std::shared_ptr<ov::Model> with_input(const std::shared_ptr<ov::Model>& graph, const Key& key) {
    using ov::preprocess::ColorFormat;
    const PictureInput& input = key.input;
    const bool planes = input.layout == InputLayout::nchw;
    graph->reshape(planes ? ov::PartialShape{1, 3, key.height, key.width}
                          : ov::PartialShape{1, key.height, key.width, 3});
    ov::preprocess::PrePostProcessor steps(graph);
    steps.input()
        .tensor()
        .set_element_type(ov::element::u8)
        .set_layout("NHWC")
        .set_color_format(ColorFormat::RGB);
    steps.input().model().set_layout(planes ? "NCHW" : "NHWC");
    auto& made = steps.input().preprocess();
    made.convert_element_type(ov::element::f32);
    const PictureInput plain;
    if (input.mean != plain.mean) made.mean(std::vector<float>(input.mean.begin(), input.mean.end()));
    if (input.scale != plain.scale) made.scale(std::vector<float>(input.scale.begin(), input.scale.end()));
    if (input.colors == InputColors::bgr) made.convert_color(ColorFormat::BGR);
    for (std::size_t i = 0; i < graph->outputs().size(); ++i)
      steps.output(i).tensor().set_element_type(ov::element::f32);
    return steps.build();
  }

  Made make(const std::filesystem::path& model, const Key& key) {
    auto compiled = TRY(compile(model, key));
    auto session = std::make_shared<PooledSession>(std::move(compiled), model.filename().string(), key.width,
                                                   key.height);
    TRY(session->open_slots(options_.slots));
    return session;
  }

  /// What keep_in_memory() kept, else nullptr.
  std::shared_ptr<ov::Model> kept(const std::filesystem::path& model) {
    const std::lock_guard lock(mutex_);
    const auto known = graphs_.find(model.string());
    return known != graphs_.end() ? known->second->clone() : nullptr;
  }

  Result<ov::CompiledModel> compile(const std::filesystem::path& model, const Key& key) {
    const BlobCache cache(options_.cache_folder);
    const std::string blob_key = fmt::format("{}|{}x{}|{}|{}|{}|{}{}", key.sha256, key.width, key.height,
                                             options_.precision == Precision::bf16 ? "bf16" : "fp32",
                                             options_.threads, cpu_, build_, text_of(key.input));
    if (auto blob = cache.load(blob_key)) {
      auto imported = guarded(ErrorKind::corrupt, "compiled model", [&] {
        std::ispanstream stream({reinterpret_cast<char*>(blob->data()), blob->size()}, std::ios::binary);
        return core_.import_model(stream, "CPU", settings());
      });
      if (imported) return imported;
    }
    auto compiled = TRY(guarded(
        ErrorKind::unavailable,
        fmt::format("{}: the model cannot be used; run `sightline models verify`", model.string()), [&] {
          const auto graph = kept(model);
          return core_.compile_model(with_input(graph ? graph : core_.read_model(model.string()), key), "CPU",
                                     settings());
        }));
    if (cache.enabled()) {
      // A cache that cannot be written costs the next start a compilation, nothing else.
      std::ostringstream stream(std::ios::binary);
      if (guarded(ErrorKind::internal, "export", [&] { compiled.export_model(stream); }))
        cache.store(blob_key, bytes_of(stream.view()));
    }
    return compiled;
  }

  RuntimeOptions options_;
  ov::Core core_;
  ModelForm form_ = ModelForm::plain;
  bool exact_int8_ = false;
  std::string cpu_;  ///< its name and what OpenVINO may use of it
  std::string build_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<ov::Model>> graphs_;  // shared as OpenVINO hands them out
  // Most recently used first, some of them still being made. Shared: callers and leases go on using a session
  // that was dropped here.
  std::list<std::pair<Key, std::shared_future<Made>>> sessions_;
};

}  // namespace

Result<std::unique_ptr<Runtime>> Runtime::create(const RuntimeOptions& options) {
  auto runtime = TRY(guarded(ErrorKind::unavailable,
                             "the inference runtime (OpenVINO) cannot be loaded; run `sightline setup`",
                             [&] { return std::make_unique<OpenVinoRuntime>(options); }));
  TRY(runtime->start());
  return runtime;
}

}  // namespace sightline::inference
