/* Kernels of native modules as Python functions of NumPy arrays.

   A call whose values are what the kernel was made for goes straight to its entry. Everything
   else (other names, shapes, kinds of values, buffers that do not fit) is handed to a Python
   function, so that no error is worded here. */

#define PY_SSIZE_T_CLEAN
#define NPY_NO_DEPRECATED_API NPY_1_7_API_VERSION
#define NPY_TARGET_VERSION NPY_1_22_API_VERSION
#include <Python.h>
#include <structmember.h>
#include <numpy/arrayobject.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#ifdef __linux__
#include <sys/mman.h>
#endif
#ifdef __SSE2__
#include <emmintrin.h>
#endif

enum { ALIGNMENT = 64, ON_STACK = 8192, SPARES = 4, DIMENSIONS = 16 };
static const size_t HUGE_PAGE = (size_t)1 << 21, KEPT_BYTES = (size_t)1 << 27;
static const size_t LARGE_BYTES = (size_t)1 << 20;
/* Zeros from here on are written past the caches. What these hold is not asked: a guest of a
   larger machine is told the size of all of them, and has a part. */
static const size_t STREAMED_BYTES = (size_t)1 << 22;
/* Scratch memory is given back at once; results may be kept, and shall not hold much more than
   themselves. */
static const double LOOSE = 4, CLOSE = 1.125;

typedef int (*entry_function)(const void *const *, void *const *, char *, const void *, int);
typedef int (*batch_function)(long, const void *const *, void *const *, char *, const void *, int);

typedef struct {
    npy_intp shape[DIMENSIONS];
    npy_intp count; /* numbers in it, without a leading axis */
    int dimensions;
    char is_row, has_batch;
    char is_cleared; /* an output that the entry takes for zeros */
} Slot;

typedef struct {
    PyObject_HEAD
    vectorcallfunc call;
    void *entry;
    const void *table;
    size_t work;
    int threads, long_running, batched;
    int type, item; /* NumPy's number of the dtype, bytes of a number */
    int inputs, outputs, sizes;
    Slot *in, *out;
    long *size;       /* the values that the integer arguments must have */
    PyObject *names;  /* of inputs and integer arguments, interned */
    PyObject *other;  /* called with (arrays, named) for calls that do not fit */
    PyObject *failed; /* the error for a code that the entry returned */
} Kernel;

typedef union {
    double wide;
    float narrow;
} Number;

static PyObject *out_name;

/* ---------------------------------------------------------------- memory of calls */

/* Blocks that calls have given back; touched only while the interpreter lock is held. */
static struct {
    void *memory;
    size_t bytes;
} spare[SPARES];

/* A block that is at most so many times as large as what is asked for. */
static void *take_block(size_t bytes, double excess, size_t *held)
{
    int best = -1;
    for (int k = 0; k < SPARES; k++)
        if (spare[k].memory && spare[k].bytes >= bytes && spare[k].bytes <= excess * bytes &&
            (best < 0 || spare[k].bytes < spare[best].bytes))
            best = k;
    if (best >= 0) {
        void *found = spare[best].memory;
        *held = spare[best].bytes;
        spare[best].memory = NULL;
        return found;
    }
    const size_t alignment = bytes >= 2 * HUGE_PAGE ? HUGE_PAGE : ALIGNMENT;
    void *fresh;
    if (posix_memalign(&fresh, alignment, bytes))
        return NULL;
#ifdef MADV_HUGEPAGE
    if (alignment == HUGE_PAGE)
        madvise(fresh, bytes, MADV_HUGEPAGE);
#endif
    *held = bytes;
    return fresh;
}

/* The largest blocks are kept, within a limit on all of them. */
static void give_block(void *memory, size_t bytes)
{
    size_t kept = 0;
    int least = 0;
    for (int k = 0; k < SPARES; k++) {
        kept += spare[k].memory ? spare[k].bytes : 0;
        if (!spare[k].memory || (spare[least].memory && spare[k].bytes < spare[least].bytes))
            least = k;
    }
    if (spare[least].memory)
        kept -= spare[least].bytes;
    if (kept + bytes > KEPT_BYTES || (spare[least].memory && spare[least].bytes >= bytes)) {
        free(memory);
        return;
    }
    free(spare[least].memory);
    spare[least].memory = memory;
    spare[least].bytes = bytes;
}

/* ---------------------------------------------------------------- threads after a fork */

/* Threads of OpenMP do not live on in a child process, and asking for them there hangs. */
static int is_fork;

static void note_fork(void)
{
    is_fork = 1;
}

/* ---------------------------------------------------------------- inputs */

/* Whether an array has the shape of the slot, after the axis of a batch. */
static int has_shape(const Slot *slot, PyArrayObject *array)
{
    int lead = slot->has_batch;
    const npy_intp *shape = PyArray_DIMS(array);
    const int dimensions = PyArray_NDIM(array) - lead;
    if (slot->is_row && dimensions == slot->dimensions + 1 && shape[lead] == 1)
        lead++;
    else if (dimensions != slot->dimensions)
        return 0;
    for (int k = 0; k < slot->dimensions; k++)
        if (shape[lead + k] != slot->shape[k])
            return 0;
    return 1;
}

/* An array that the entry can read: the value itself (borrowed) or a copy (in *owned). NULL
   without an error set when the value does not fit. */
static PyArrayObject *readable(const Kernel *kernel, const Slot *slot, PyObject *value,
                               PyObject **owned)
{
    if (!PyArray_CheckExact(value)) {
        if (PyArray_Check(value)) /* of a subclass, such as arrays with masked entries */
            return NULL;
        value = PyArray_FromAny(value, NULL, 0, 0, NPY_ARRAY_ENSUREARRAY, NULL);
        if (!value)
            return NULL;
        *owned = value;
    }
    PyArrayObject *array = (PyArrayObject *)value;
    if (!has_shape(slot, array))
        return NULL;
    if (PyArray_TYPE(array) == kernel->type && PyArray_ISCARRAY_RO(array))
        return array;
    const int type = PyArray_TYPE(array);
    if (!(PyTypeNum_ISBOOL(type) || PyTypeNum_ISINTEGER(type) || PyTypeNum_ISFLOAT(type)))
        return NULL;
    PyObject *copy =
        PyArray_FromArray(array, PyArray_DescrFromType(kernel->type),
                          NPY_ARRAY_CARRAY_RO | NPY_ARRAY_NOTSWAPPED | NPY_ARRAY_FORCECAST);
    Py_XSETREF(*owned, copy);
    return (PyArrayObject *)copy;
}

/* A Python number as one of the kernel's dtype; 0 when the value is none. */
static int is_number(const Kernel *kernel, PyObject *value, Number *number)
{
    double found;
    if (PyFloat_Check(value))
        found = PyFloat_AS_DOUBLE(value);
    else if (PyLong_Check(value)) {
        found = PyLong_AsDouble(value);
        if (found == -1.0 && PyErr_Occurred()) {
            PyErr_Clear();
            return 0;
        }
    } else
        return 0;
    if (kernel->type == NPY_DOUBLE)
        number->wide = found;
    else
        number->narrow = (float)found;
    return 1;
}

/* The values of a call in the order of the names. 0 when they are not just those. */
static int in_order(const Kernel *kernel, PyObject *const *args, Py_ssize_t given,
                    PyObject *keywords, PyObject **values, PyObject **out)
{
    const Py_ssize_t wanted = kernel->inputs + kernel->sizes;
    const Py_ssize_t named = keywords ? PyTuple_GET_SIZE(keywords) : 0;
    if (given > wanted)
        return 0;
    for (Py_ssize_t k = 0; k < wanted; k++)
        values[k] = k < given ? args[k] : NULL;
    for (Py_ssize_t k = 0; k < named; k++) {
        PyObject *name = PyTuple_GET_ITEM(keywords, k);
        Py_ssize_t place = 0;
        while (place < wanted && PyTuple_GET_ITEM(kernel->names, place) != name)
            place++;
        if (place == wanted && name != out_name) /* a name that is not interned */
            for (place = 0; place < wanted; place++)
                if (!PyUnicode_Compare(PyTuple_GET_ITEM(kernel->names, place), name))
                    break;
        if (place < wanted) {
            if (values[place])
                return 0;
            values[place] = args[given + k];
        } else if (!PyUnicode_Compare(name, out_name))
            *out = args[given + k];
        else
            return 0;
    }
    for (Py_ssize_t k = 0; k < wanted; k++)
        if (!values[k])
            return 0;
    for (int k = 0; k < kernel->sizes; k++) {
        PyObject *value = values[kernel->inputs + k];
        int overflow;
        if (!PyLong_Check(value) || PyLong_AsLongAndOverflow(value, &overflow) != kernel->size[k])
            return 0;
    }
    return 1;
}

/* ---------------------------------------------------------------- outputs */

typedef struct {
    const char *start, *stop;
} Extent;

static int meet(Extent one, Extent other)
{
    return one.start < other.stop && other.start < one.stop;
}

/* Whether an object is an array that the entry can write the output into. */
static int is_buffer(const Kernel *kernel, const Slot *slot, PyObject *given, npy_intp count)
{
    if (!PyArray_CheckExact(given))
        return 0;
    PyArrayObject *array = (PyArrayObject *)given;
    const int lead = kernel->batched;
    if (PyArray_TYPE(array) != kernel->type || !PyArray_ISCARRAY(array) ||
        PyArray_NDIM(array) != slot->dimensions + lead || (lead && PyArray_DIM(array, 0) != count))
        return 0;
    for (int k = 0; k < slot->dimensions; k++)
        if (PyArray_DIM(array, lead + k) != slot->shape[k])
            return 0;
    return 1;
}

/* Zeros; whole lines past the caches, which reads none of them: less than half of memset's time. */
static void clear(char *memory, size_t bytes)
{
#ifdef __SSE2__
    if (bytes >= STREAMED_BYTES) {
        const size_t before = -(uintptr_t)memory & (ALIGNMENT - 1);
        memset(memory, 0, before);
        memory += before;
        bytes -= before;
        for (; bytes >= ALIGNMENT; bytes -= ALIGNMENT, memory += ALIGNMENT)
            for (int k = 0; k < ALIGNMENT; k += sizeof(__m128i))
                _mm_stream_si128((__m128i *)(memory + k), _mm_setzero_si128());
        _mm_sfence();
    }
#endif
    memset(memory, 0, bytes);
}

/* How NumPy gets memory for large results: from the start of a line of the cache, since whole
   lines are written past it, and used again, since the system clears what it hands out. The
   size of a block stands in the line before the numbers. */
static void *result_malloc(void *Py_UNUSED(context), size_t bytes)
{
    size_t held;
    char *block = take_block(bytes + ALIGNMENT, CLOSE, &held);
    if (!block)
        return NULL;
    memcpy(block, &held, sizeof held);
    return block + ALIGNMENT;
}

static void result_free(void *Py_UNUSED(context), void *memory, size_t Py_UNUSED(bytes))
{
    size_t held;
    char *block = (char *)memory - ALIGNMENT;
    memcpy(&held, block, sizeof held);
    give_block(block, held);
}

static void *result_calloc(void *context, size_t count, size_t item)
{
    void *memory = result_malloc(context, count * item);
    if (memory)
        clear(memory, count * item);
    return memory;
}

static void *result_realloc(void *context, void *memory, size_t bytes)
{
    size_t held;
    void *other = result_malloc(context, bytes);
    if (!other)
        return NULL;
    memcpy(&held, (char *)memory - ALIGNMENT, sizeof held);
    memcpy(other, memory, bytes < held - ALIGNMENT ? bytes : held - ALIGNMENT);
    result_free(context, memory, bytes);
    return other;
}

static PyDataMem_Handler result_memory = {
    "gradform_results", 1, {NULL, result_malloc, result_calloc, result_realloc, result_free}};
static PyObject *result_handler; /* a capsule around it */

static PyObject *plain_array(int dimensions, npy_intp *shape, int type, int is_cleared)
{
    return is_cleared ? PyArray_ZEROS(dimensions, shape, type, 0)
                      : PyArray_SimpleNew(dimensions, shape, type);
}

static PyObject *large_array(int dimensions, npy_intp *shape, int type, int is_cleared)
{
    PyObject *others = PyDataMem_SetHandler(result_handler);
    if (!others)
        return NULL;
    PyObject *array = plain_array(dimensions, shape, type, is_cleared);
    PyObject *mine = PyDataMem_SetHandler(others);
    Py_DECREF(others);
    if (!mine)
        Py_CLEAR(array);
    Py_XDECREF(mine);
    return array;
}

static PyObject *fresh_array(const Kernel *kernel, const Slot *slot, npy_intp count)
{
    npy_intp shape[DIMENSIONS + 1];
    const int lead = kernel->batched, dimensions = slot->dimensions + lead;
    shape[0] = count;
    memcpy(shape + lead, slot->shape, slot->dimensions * sizeof(npy_intp));
    const size_t bytes = (size_t)slot->count * kernel->item * (lead ? count : 1);
    /* Fewer zeros are as soon had from NumPy; of more than is used again, the system hands out
       what is touched. */
    const int is_plain = slot->is_cleared ? bytes < STREAMED_BYTES || bytes > KEPT_BYTES
                                          : bytes < LARGE_BYTES;
    return (is_plain ? plain_array : large_array)(dimensions, shape, kernel->type,
                                                  slot->is_cleared);
}

/* ---------------------------------------------------------------- the call */

/* What one call holds. Arrays of a fixed number of places follow it on the stack. */
typedef struct {
    const Kernel *kernel;
    PyObject **values; /* the inputs as they were given */
    PyObject **owned;  /* copies of inputs, then arrays for outputs */
    Number *numbers;   /* of inputs and outputs that are single numbers */
    const void **from;
    void **to;
    Extent *extents; /* of the inputs */
    npy_intp count;  /* length of the batch */
} Call;

/* Make all inputs readable, then look where they are. 0 when one does not fit. */
static int read_inputs(Call *call)
{
    const Kernel *kernel = call->kernel;
    PyArrayObject *arrays[kernel->inputs + 1];
    call->count = -1;
    for (int k = 0; k < kernel->inputs; k++) {
        const Slot *slot = kernel->in + k;
        arrays[k] = NULL;
        if (!slot->dimensions && !slot->has_batch &&
            is_number(kernel, call->values[k], call->numbers + k))
            continue;
        arrays[k] = readable(kernel, slot, call->values[k], call->owned + k);
        if (!arrays[k])
            return 0;
    }
    for (int k = 0; k < kernel->inputs; k++) {
        const Slot *slot = kernel->in + k;
        if (!arrays[k]) {
            call->from[k] = call->numbers + k;
            call->extents[k] = (Extent){NULL, NULL};
            continue;
        }
        const char *start = PyArray_BYTES(arrays[k]);
        call->from[k] = start;
        if (slot->has_batch) {
            const npy_intp length = PyArray_DIM(arrays[k], 0);
            if (call->count >= 0 && call->count != length)
                return 0;
            call->count = length;
        }
        call->extents[k] = (Extent){start, start + PyArray_NBYTES(arrays[k])};
    }
    return 1;
}

/* Whether the buffers fit, each in memory of its own. */
static int are_buffers(const Call *call, PyObject *const *given)
{
    const Kernel *kernel = call->kernel;
    for (int k = 0; k < kernel->outputs; k++) {
        if (!is_buffer(kernel, kernel->out + k, given[k], call->count))
            return 0;
        PyArrayObject *own = (PyArrayObject *)given[k];
        const Extent mine = {PyArray_BYTES(own), PyArray_BYTES(own) + PyArray_NBYTES(own)};
        for (int j = 0; j < k; j++) {
            PyArrayObject *array = (PyArrayObject *)given[j];
            const char *start = PyArray_BYTES(array);
            if (meet(mine, (Extent){start, start + PyArray_NBYTES(array)}))
                return 0;
        }
    }
    return 1;
}

/* Where each output goes: its buffer, a temporary array when the buffer meets an input, a
   number, or a fresh array. -1 with an error set when there is no memory. */
static int place_outputs(Call *call, PyObject *const *given)
{
    const Kernel *kernel = call->kernel;
    for (int k = 0; k < kernel->outputs; k++) {
        const Slot *slot = kernel->out + k;
        int fresh = !given;
        if (given) {
            PyArrayObject *array = (PyArrayObject *)given[k];
            const char *start = PyArray_BYTES(array);
            call->to[k] = (void *)start;
            for (int j = 0; j < kernel->inputs; j++)
                fresh |= meet(call->extents[j], (Extent){start, start + PyArray_NBYTES(array)});
        } else if (!slot->dimensions && !kernel->batched) {
            call->to[k] = call->numbers + kernel->inputs + k;
            continue;
        }
        if (fresh) {
            PyObject *array = fresh_array(kernel, slot, call->count);
            if (!array)
                return -1;
            call->owned[kernel->inputs + k] = array;
            call->to[k] = PyArray_DATA((PyArrayObject *)array);
        } else if (slot->is_cleared)
            clear(call->to[k], PyArray_NBYTES((PyArrayObject *)given[k]));
    }
    return 0;
}

static int enter(const Call *call, char *work)
{
    const Kernel *kernel = call->kernel;
    const int threads = is_fork ? 1 : kernel->threads;
    if (kernel->batched)
        return ((batch_function)kernel->entry)(call->count, call->from, call->to, work,
                                               kernel->table, threads);
    return ((entry_function)kernel->entry)(call->from, call->to, work, kernel->table, threads);
}

/* Run the entry with scratch memory. 0, or -1 with an error set. */
static int run(const Call *call)
{
    const Kernel *kernel = call->kernel;
    const int on_stack = kernel->work <= ON_STACK;
    char local[on_stack ? kernel->work + ALIGNMENT : 1];
    size_t held = 0;
    char *work;
    int code;
    if (on_stack)
        work = local + (-(uintptr_t)local & (ALIGNMENT - 1));
    else if (!(work = take_block(kernel->work, LOOSE, &held))) {
        PyErr_NoMemory();
        return -1;
    }
    if (kernel->long_running) {
        Py_BEGIN_ALLOW_THREADS
        code = enter(call, work);
        Py_END_ALLOW_THREADS
    } else
        code = enter(call, work);
    if (!on_stack)
        give_block(work, held);
    if (!code)
        return 0;
    PyObject *error = PyObject_CallFunction(kernel->failed, "i", code);
    if (error) {
        PyErr_SetObject((PyObject *)Py_TYPE(error), error);
        Py_DECREF(error);
    }
    return -1;
}

/* An output without buffers: the array that was made for it, or a float. */
static PyObject *result(Call *call, int place)
{
    const Kernel *kernel = call->kernel;
    const int at = kernel->inputs + place;
    PyObject *array = call->owned[at];
    if (array) {
        call->owned[at] = NULL;
        return array;
    }
    const Number *number = call->numbers + at;
    return PyFloat_FromDouble(kernel->type == NPY_DOUBLE ? number->wide : number->narrow);
}

static PyObject *results(Call *call)
{
    const int outputs = call->kernel->outputs;
    if (outputs == 1)
        return result(call, 0);
    PyObject *all = PyTuple_New(outputs);
    for (int k = 0; all && k < outputs; k++) {
        PyObject *each = result(call, k);
        if (each)
            PyTuple_SET_ITEM(all, k, each);
        else
            Py_CLEAR(all);
    }
    return all;
}

static void fill_buffers(const Call *call, PyObject *const *given)
{
    const Kernel *kernel = call->kernel;
    for (int k = 0; k < kernel->outputs; k++)
        if (call->owned[kernel->inputs + k]) {
            PyArrayObject *array = (PyArrayObject *)given[k];
            memcpy(PyArray_DATA(array), call->to[k], PyArray_NBYTES(array));
        }
}

/* A call that does not fit: the same values, to Python. */
static PyObject *hand_over(const Kernel *kernel, PyObject *const *args, Py_ssize_t given,
                           PyObject *keywords)
{
    if (PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_Exception))
            return NULL;
        PyErr_Clear();
    }
    PyObject *answer = NULL, *arrays = PyTuple_New(given), *named = PyDict_New();
    if (!arrays || !named)
        goto done;
    for (Py_ssize_t k = 0; k < given; k++)
        PyTuple_SET_ITEM(arrays, k, Py_NewRef(args[k]));
    for (Py_ssize_t k = 0; keywords && k < PyTuple_GET_SIZE(keywords); k++)
        if (PyDict_SetItem(named, PyTuple_GET_ITEM(keywords, k), args[given + k]))
            goto done;
    answer = PyObject_CallFunctionObjArgs(kernel->other, arrays, named, NULL);
done:
    Py_XDECREF(arrays);
    Py_XDECREF(named);
    return answer;
}

/* The arrays given as out; 0 when there is another number of them. */
static int buffers_of(const Kernel *kernel, PyObject *out, PyObject *const **buffers,
                      PyObject **one)
{
    if (!PyTuple_CheckExact(out)) {
        *one = out;
        *buffers = one;
        return kernel->outputs == 1;
    }
    *buffers = ((PyTupleObject *)out)->ob_item;
    return PyTuple_GET_SIZE(out) == kernel->outputs;
}

static PyObject *kernel_call(PyObject *self, PyObject *const *args, size_t flags,
                             PyObject *keywords)
{
    const Kernel *kernel = (Kernel *)self;
    const int inputs = kernel->inputs, outputs = kernel->outputs, all = inputs + outputs;
    const Py_ssize_t given = PyVectorcall_NARGS(flags);
    PyObject *values[inputs + kernel->sizes + 1], *owned[all + 1], *one, *out = NULL;
    PyObject *const *buffers = NULL;
    Number numbers[all + 1];
    const void *from[inputs + 1];
    void *to[outputs + 1];
    Extent extents[inputs + 1];
    Call call = {kernel, values, owned, numbers, from, to, extents, -1};
    PyObject *answer = NULL;

    memset(owned, 0, sizeof owned);
    if (!in_order(kernel, args, given, keywords, values, &out) || !read_inputs(&call))
        goto other;
    if (out && out != Py_None &&
        !(buffers_of(kernel, out, &buffers, &one) && are_buffers(&call, buffers)))
        goto other;
    if (place_outputs(&call, buffers) || run(&call))
        goto done;
    if (buffers) {
        fill_buffers(&call, buffers);
        answer = Py_NewRef(out);
    } else
        answer = results(&call);
    goto done;
other:
    answer = hand_over(kernel, args, given, keywords);
done:
    for (int k = 0; k < all; k++)
        Py_XDECREF(owned[k]);
    return answer;
}

/* ---------------------------------------------------------------- the type */

/* Shapes as slots. NULL with an error set when they are not tuples of sizes. */
static Slot *slots_of(PyObject *shapes)
{
    const Py_ssize_t count = PyTuple_GET_SIZE(shapes);
    Slot *slots = PyMem_Calloc(count + 1, sizeof(Slot));
    if (!slots)
        return (Slot *)PyErr_NoMemory();
    for (Py_ssize_t k = 0; k < count; k++) {
        PyObject *shape = PyTuple_GET_ITEM(shapes, k);
        if (!PyTuple_Check(shape) || PyTuple_GET_SIZE(shape) > DIMENSIONS) {
            PyErr_SetString(PyExc_ValueError, "a shape is a tuple of at most 16 sizes");
            PyMem_Free(slots);
            return NULL;
        }
        slots[k].count = 1;
        slots[k].dimensions = (int)PyTuple_GET_SIZE(shape);
        for (int j = 0; j < slots[k].dimensions; j++) {
            slots[k].shape[j] = PyLong_AsSsize_t(PyTuple_GET_ITEM(shape, j));
            slots[k].count *= slots[k].shape[j];
        }
    }
    if (PyErr_Occurred()) {
        PyMem_Free(slots);
        return NULL;
    }
    return slots;
}

static int fill_kernel(Kernel *kernel, PyObject *rows, PyObject *batched, PyObject *sizes,
                       PyObject *cleared)
{
    for (int k = 0; k < kernel->inputs; k++) {
        kernel->in[k].is_row = PyObject_IsTrue(PyTuple_GET_ITEM(rows, k));
        kernel->in[k].has_batch = PyObject_IsTrue(PyTuple_GET_ITEM(batched, k));
        kernel->batched |= kernel->in[k].has_batch;
    }
    for (int k = 0; k < kernel->outputs; k++)
        kernel->out[k].is_cleared = PyObject_IsTrue(PyTuple_GET_ITEM(cleared, k));
    for (int k = 0; k < kernel->sizes; k++)
        kernel->size[k] = PyLong_AsLong(PyTuple_GET_ITEM(sizes, k));
    return PyErr_Occurred() ? -1 : 0;
}

/* Kernel(entry, table, is_double, names, shapes, rows, batched, sizes, output_shapes,
          cleared, work, threads, long_running, other, failed); names are those of inputs, then of sizes. */
static PyObject *kernel_new(PyTypeObject *type, PyObject *args, PyObject *Py_UNUSED(named))
{
    unsigned long long entry, table;
    PyObject *names, *shapes, *rows, *batched, *sizes, *output_shapes, *cleared, *other,
        *failed;
    Py_ssize_t work;
    int threads, long_running, is_double;
    if (!PyArg_ParseTuple(args, "KKpO!O!O!O!O!O!O!nipOO", &entry, &table, &is_double, &PyTuple_Type,
                          &names, &PyTuple_Type, &shapes, &PyTuple_Type, &rows, &PyTuple_Type,
                          &batched, &PyTuple_Type, &sizes, &PyTuple_Type, &output_shapes,
                          &PyTuple_Type, &cleared, &work, &threads, &long_running, &other,
                          &failed))
        return NULL;
    const Py_ssize_t inputs = PyTuple_GET_SIZE(shapes), count = PyTuple_GET_SIZE(sizes);
    if (PyTuple_GET_SIZE(rows) != inputs ||
        PyTuple_GET_SIZE(cleared) != PyTuple_GET_SIZE(output_shapes) || PyTuple_GET_SIZE(batched) != inputs ||
        PyTuple_GET_SIZE(names) != inputs + count) {
        PyErr_SetString(PyExc_ValueError, "names, shapes and what is said of them differ in length");
        return NULL;
    }
    Kernel *kernel = (Kernel *)type->tp_alloc(type, 0);
    if (!kernel)
        return NULL;
    kernel->call = kernel_call;
    kernel->entry = (void *)(uintptr_t)entry;
    kernel->table = (const void *)(uintptr_t)table;
    kernel->work = work;
    kernel->threads = threads;
    kernel->long_running = long_running;
    kernel->type = is_double ? NPY_DOUBLE : NPY_FLOAT;
    kernel->item = is_double ? sizeof(double) : sizeof(float);
    kernel->inputs = (int)inputs;
    kernel->sizes = (int)count;
    kernel->outputs = (int)PyTuple_GET_SIZE(output_shapes);
    kernel->names = Py_NewRef(names);
    kernel->other = Py_NewRef(other);
    kernel->failed = Py_NewRef(failed);
    kernel->in = slots_of(shapes);
    kernel->out = kernel->in ? slots_of(output_shapes) : NULL;
    kernel->size = PyMem_Calloc(count + 1, sizeof(long));
    if (!kernel->out || !kernel->size || fill_kernel(kernel, rows, batched, sizes, cleared)) {
        Py_DECREF(kernel);
        return PyErr_Occurred() ? NULL : PyErr_NoMemory();
    }
    return (PyObject *)kernel;
}

static int kernel_traverse(PyObject *self, visitproc visit, void *arg)
{
    Kernel *kernel = (Kernel *)self;
    Py_VISIT(Py_TYPE(self));
    Py_VISIT(kernel->names);
    Py_VISIT(kernel->other);
    Py_VISIT(kernel->failed);
    return 0;
}

static int kernel_clear(PyObject *self)
{
    Kernel *kernel = (Kernel *)self;
    Py_CLEAR(kernel->names);
    Py_CLEAR(kernel->other);
    Py_CLEAR(kernel->failed);
    return 0;
}

static void kernel_free(PyObject *self)
{
    Kernel *kernel = (Kernel *)self;
    PyTypeObject *type = Py_TYPE(self);
    PyObject_GC_UnTrack(self);
    kernel_clear(self);
    PyMem_Free(kernel->in);
    PyMem_Free(kernel->out);
    PyMem_Free(kernel->size);
    type->tp_free(self);
    Py_DECREF(type);
}

static PyMemberDef kernel_members[] = {
    {"__vectorcalloffset__", T_PYSSIZET, offsetof(Kernel, call), READONLY, NULL},
    {NULL, 0, 0, 0, NULL},
};

static PyType_Slot kernel_slots[] = {
    {Py_tp_new, kernel_new},          {Py_tp_dealloc, kernel_free},
    {Py_tp_traverse, kernel_traverse}, {Py_tp_clear, kernel_clear},
    {Py_tp_call, PyVectorcall_Call},  {Py_tp_members, kernel_members},
    {Py_tp_doc, "The entry of a native module as a function of arrays."},
    {0, NULL},
};

static PyType_Spec kernel_spec = {
    .name = "gradform_launcher.Kernel",
    .basicsize = sizeof(Kernel),
    .flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC | Py_TPFLAGS_HAVE_VECTORCALL |
             Py_TPFLAGS_IMMUTABLETYPE,
    .slots = kernel_slots,
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT,
    .m_name = "gradform_launcher",
    .m_doc = "Calls of native kernels with NumPy arrays.",
    .m_size = -1,
};

PyMODINIT_FUNC PyInit_gradform_launcher(void)
{
    import_array();
    PyObject *type = PyType_FromSpec(&kernel_spec);
    PyObject *module = type ? PyModule_Create(&definition) : NULL;
    out_name = PyUnicode_InternFromString("out");
    result_handler = PyCapsule_New(&result_memory, "mem_handler", NULL);
    if (!module || !out_name || !result_handler || PyModule_AddObjectRef(module, "Kernel", type)) {
        Py_XDECREF(type);
        Py_XDECREF(module);
        return NULL;
    }
    Py_DECREF(type);
    pthread_atfork(NULL, NULL, note_fork);
    return module;
}
