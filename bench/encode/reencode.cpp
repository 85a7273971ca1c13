// Re-encodes a clip without any paint, at the defaults of an anonymised clip: bench/encode/run measures the
// size and the likeness of what comes out.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <string>

#include "sight/media/clip_round_trip.h"

int main(int argc, char** argv) {
  std::string input;
  std::string output;
  sightline::media::RoundTripSettings settings;
  CLI::App app("Re-encode a clip without any paint");
  app.add_option("input", input)->required();
  app.add_option("output", output)->required();
  app.add_option("--codec", settings.encoder.codec);
  app.add_option("--crf", settings.encoder.crf);
  app.add_option("--encoder-preset", settings.encoder.preset);
  app.add_option("--threads", settings.threads);
  app.add_option("--chunk-frames", settings.chunk_frames);
  CLI11_PARSE(app, argc, argv);
  const auto result = sightline::media::round_trip(input, output, settings);
  if (!result) {
    fmt::print(stderr, "{}\n", result.error().message);
    return 1;
  }
  fmt::print("{} crf {} preset {}\n", result->choice.encoder, result->choice.crf, result->choice.preset);
  return 0;
}
