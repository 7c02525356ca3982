/* A library of one operator for ONNX Runtime, tests.Triple: y = 3 x over float[2]. It takes the places of functions and
   fields from onnxruntime_c_api.h, version 8 of the operator's structure and 20 of the table. */
#include <stddef.h>
#include <stdint.h>

enum { CREATE_DOMAIN = 26, ADD_TO_DOMAIN = 27, ADD_DOMAIN = 28, GET_DATA = 51, GET_INPUT = 90, GET_OUTPUT = 91, FLOAT = 1 };

typedef struct {
    void **(*get_api)(uint32_t);
    const char *(*get_version)(void);
} api_base;

typedef struct operator {
    uint32_t version;
    void *(*create)(const struct operator *, const void *, const void *);
    const char *(*name)(const struct operator *);
    const char *(*provider)(const struct operator *);
    int (*input_type)(const struct operator *, size_t);
    size_t (*input_count)(const struct operator *);
    int (*output_type)(const struct operator *, size_t);
    size_t (*output_count)(const struct operator *);
    void (*compute)(void *, void *);
    void (*destroy)(void *);
    int (*input_kind)(const struct operator *, size_t);
    int (*output_kind)(const struct operator *, size_t);
} operator;

static void **api;

static void *create(const operator *self, const void *table, const void *info) { return &api; }
static const char *name(const operator *self) { return "Triple"; }
static const char *provider(const operator *self) { return NULL; }
static int type(const operator *self, size_t index) { return FLOAT; }
static size_t one(const operator *self) { return 1; }
static int required(const operator *self, size_t index) { return 0; }
static void destroy(void *kernel) {}

static void compute(void *kernel, void *context) {
    int64_t length = 2;
    const void *input;
    void *output;
    float *x, *y;
    ((void *(*)(const void *, size_t, const void **))api[GET_INPUT])(context, 0, &input);
    ((void *(*)(void *, size_t, const int64_t *, size_t, void **))api[GET_OUTPUT])(context, 0, &length, 1, &output);
    ((void *(*)(const void *, float **))api[GET_DATA])(input, &x);
    ((void *(*)(const void *, float **))api[GET_DATA])(output, &y);
    for (int i = 0; i < length; i++) y[i] = 3 * x[i];
}

static const operator triple = { 8, create, name, provider, type, one, type, one, compute, destroy, required, required };

void *RegisterCustomOps(void *options, const api_base *base) {
    void *domain, *status;
    api = base->get_api(20);
    if ((status = ((void *(*)(const char *, void **))api[CREATE_DOMAIN])("tests", &domain))) return status;
    if ((status = ((void *(*)(void *, const operator *))api[ADD_TO_DOMAIN])(domain, &triple))) return status;
    return ((void *(*)(void *, void *))api[ADD_DOMAIN])(options, domain);
}
