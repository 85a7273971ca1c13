#include "aws/s3/operations.h"

#include "aws/s3/bucket_operations.h"
#include "aws/s3/list_operations.h"
#include "aws/s3/notification_operations.h"
#include "aws/s3/object_operations.h"
#include "aws/s3/policy_operations.h"
#include "aws/s3/upload_operations.h"

namespace sightline::aws::s3 {

void add_operations(dispatch::Operations& operations, const Dependencies& dependencies) {
  add_bucket_operations(operations, dependencies);
  add_list_operations(operations, dependencies);
  add_notification_operations(operations, dependencies);
  add_object_operations(operations, dependencies);
  add_policy_operations(operations, dependencies);
  add_upload_operations(operations, dependencies);
}

}  // namespace sightline::aws::s3
