#include "aws/s3/operations.h"

#include "aws/s3/bucket_operations.h"
#include "aws/s3/list_operations.h"
#include "aws/s3/object_operations.h"
#include "aws/s3/upload_operations.h"

namespace sightline::aws::s3 {

void add_operations(dispatch::Operations& operations, const Parts& parts) {
  add_bucket_operations(operations, parts);
  add_list_operations(operations, parts);
  add_object_operations(operations, parts);
  add_upload_operations(operations, parts);
}

}  // namespace sightline::aws::s3
