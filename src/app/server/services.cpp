#include "app/server/services.h"

#include <algorithm>
#include <array>
#include <thread>

#include "aws/rekognition/operations.h"
#include "cloud/identity/identities.h"

namespace sightline::server {
namespace {

namespace dispatch = aws::dispatch;

const std::array kServices = {&aws::rekognition::kService};

int cores() {
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
}

}  // namespace

// The numbers bound what may wait: beyond them a client is told to come again.
Pools::Pools(int vision_threads)
    : quick("quick", 4, 4096),
      seeing("seeing", static_cast<std::size_t>(vision_threads > 0 ? vision_threads : cores()) + 1, 256),
      transfer("transfer", 32, 256) {}

struct Services::Impl {
  Impl(std::unique_ptr<identity::Identities> opened, aws::wire::Validator checked, const Surroundings& around)
      : identities(std::move(opened)),
        validator(std::move(checked)),
        images([](const dispatch::Context&, const std::string& bucket, const std::string&, const std::string&,
                  std::size_t) -> Result<Bytes> {
          return fail(ErrorKind::not_found, "there is no bucket " + bucket);
        }),
        operations(validator),
        authenticator(
            around.options.keys == KeyPolicy::local ? dispatch::Mode::local : dispatch::Mode::enforced,
            around.options.account, [this](std::string_view id) { return identities->find_credential(id); },
            around.clock) {}

  std::unique_ptr<identity::Identities> identities;
  aws::wire::Validator validator;
  aws::rekognition::ImageSource images;
  dispatch::Operations operations;
  dispatch::Authenticator authenticator;
  std::unique_ptr<dispatch::Dispatcher> dispatcher;
};

Result<std::unique_ptr<Services>> Services::open(const std::filesystem::path& folder,
                                                 const Surroundings& around) {
  auto identities = TRY(identity::Identities::open(folder / "identity.db", around.clock, around.random));
  auto validator = TRY(aws::wire::Validator::create(kServices));
  auto impl = std::make_unique<Impl>(std::move(identities), std::move(validator), around);
  aws::rekognition::add_operations(impl->operations, {impl->images, around.vision, around.pools.seeing});

  dispatch::DispatcherOptions options;
  options.services.assign(kServices.begin(), kServices.end());
  options.fallback = kServices.front();
  options.hosts = around.options.hosts;
  options.hosts.emplace_back("localhost");
  options.origins.hosts = around.options.hosts;
  options.origins.hosts.push_back(around.options.listen.address);
  options.origins.origins = around.options.origins;
  options.region = around.options.region;
  options.on_bug = around.on_bug;
  impl->dispatcher = TRY(
      dispatch::Dispatcher::create(std::move(options), impl->operations, impl->authenticator, around.clock));
  return std::unique_ptr<Services>(new Services(std::move(impl)));
}

Services::Services(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Services::~Services() = default;

const dispatch::Dispatcher& Services::dispatcher() const {
  return *impl_->dispatcher;
}

Result<void> Services::reload_keys() {
  return impl_->identities->reload();
}

std::vector<std::string_view> Services::names() {
  std::vector<std::string_view> names;
  for (const aws::wire::Service* service : kServices) names.push_back(service->name);
  return names;
}

}  // namespace sightline::server
