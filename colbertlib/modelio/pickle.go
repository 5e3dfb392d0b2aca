package modelio

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// Opcodes of Python's pickle, protocol 2, that torch.save uses for a dictionary of tensors (Lib/pickletools.py).
const (
	opMark       = '('
	opStop       = '.'
	opGlobal     = 'c'
	opReduce     = 'R'
	opBuild      = 'b'
	opPersID     = 'Q'
	opPut        = 'q'
	opLongPut    = 'r'
	opGet        = 'h'
	opLongGet    = 'j'
	opInt1       = 'K'
	opInt2       = 'M'
	opInt4       = 'J'
	opLong1      = 0x8a
	opUnicode    = 'X'
	opTrue       = 0x88
	opFalse      = 0x89
	opNone       = 'N'
	opEmptyTuple = ')'
	opTuple      = 't'
	opTuple1     = 0x85
	opTuple2     = 0x86
	opTuple3     = 0x87
	opEmptyDict  = '}'
	opSetItem    = 's'
	opSetItems   = 'u'
	opProto      = 0x80
)

// Values that a pickle can make here, beside int64, string, bool and nil.
type (
	mark   struct{}
	tuple  []any
	global string
	dict   struct{ items []item }
	item   struct{ key, value any }
)

const orderedDict, rebuildTensor global = "collections OrderedDict", "torch._utils _rebuild_tensor_v2"

// storageTypes maps torch's storage classes to element types.
var storageTypes = map[global]string{
	"torch FloatStorage":    "F32",
	"torch HalfStorage":     "F16",
	"torch BFloat16Storage": "BF16",
}

// unpickler runs the stack machine that a pickle is a program for. A pickle may name any Python function to be called;
// here the names are a fixed list and calling one of them makes a plain value, so that a hostile file can do no more than
// fail. Time and memory are bounded by the program's length: every instruction adds at most one value, and a value that is used
// again is shared.
type unpickler struct {
	program []byte
	stack   []any
	memo    map[uint32]any
}

// unpickle returns the dictionary that a pickle describes.
func unpickle(program []byte) (*dict, error) {
	u := unpickler{program: program, memo: map[uint32]any{}}
	for {
		position := len(program) - len(u.program)
		op, err := u.take(1)
		if err != nil {
			return nil, err
		}
		if op[0] == opStop {
			break
		}
		if err := u.step(op[0]); err != nil {
			return nil, fmt.Errorf("byte %d: %w", position, err)
		}
	}
	root, err := pop[*dict](&u)
	if err != nil {
		return nil, err
	}
	if len(u.stack) > 0 || len(u.program) > 0 {
		return nil, errors.New("more than one value")
	}
	return root, nil
}

// step executes one instruction.
func (u *unpickler) step(op byte) error {
	switch op {
	case opProto:
		version, err := u.take(1)
		if err == nil && version[0] != 2 {
			err = fmt.Errorf("pickle protocol %d, expected 2", version[0])
		}
		return err
	case opGlobal:
		return u.pushGlobal()
	case opPut, opLongPut, opGet, opLongGet:
		return u.memoize(op)
	case opInt1, opInt2, opInt4, opLong1, opUnicode:
		return u.pushScalar(op)
	case opTuple, opTuple1, opTuple2, opTuple3:
		return u.pushTuple(op)
	case opMark:
		u.push(mark{})
	case opTrue, opFalse:
		u.push(op == opTrue)
	case opNone:
		u.push(nil)
	case opEmptyTuple:
		u.push(tuple{})
	case opEmptyDict:
		u.push(&dict{})
	case opPersID:
		return u.pushStorage()
	case opReduce:
		return u.call()
	case opSetItem:
		return u.setItems(u.popCount(2))
	case opSetItems:
		return u.setItems(u.popMark())
	case opBuild: // sets attributes, here torch's _metadata, which says nothing about the tensors
		_, err := pop[*dict](u)
		return err
	default:
		return fmt.Errorf("opcode %q is not allowed", op)
	}
	return nil
}

// take consumes n bytes of the program.
func (u *unpickler) take(n int) ([]byte, error) {
	if n < 0 || n > len(u.program) {
		return nil, fmt.Errorf("truncated: expected %d more bytes, found %d", n, len(u.program))
	}
	taken := u.program[:n]
	u.program = u.program[n:]
	return taken, nil
}

func (u *unpickler) push(value any) { u.stack = append(u.stack, value) }

// pop takes a value of type T off the stack.
func pop[T any](u *unpickler) (T, error) {
	var none T
	if len(u.stack) == 0 {
		return none, errors.New("stack is empty")
	}
	top := u.stack[len(u.stack)-1]
	value, ok := top.(T)
	if !ok {
		return none, fmt.Errorf("found %T on the stack, expected %T", top, none)
	}
	u.stack = u.stack[:len(u.stack)-1]
	return value, nil
}

// popMark takes the values above the topmost mark off the stack, and the mark.
func (u *unpickler) popMark() ([]any, error) {
	for i := len(u.stack) - 1; i >= 0; i-- {
		if _, ok := u.stack[i].(mark); ok {
			values := slices.Clone(u.stack[i+1:])
			u.stack = u.stack[:i]
			return values, nil
		}
	}
	return nil, errors.New("no mark on the stack")
}

// popCount takes n values off the stack.
func (u *unpickler) popCount(n int) ([]any, error) {
	if n > len(u.stack) {
		return nil, fmt.Errorf("expected %d values on the stack, found %d", n, len(u.stack))
	}
	values := slices.Clone(u.stack[len(u.stack)-n:])
	u.stack = u.stack[:len(u.stack)-n]
	return values, nil
}

// memoize stores the topmost value under a number, or pushes the one stored there.
func (u *unpickler) memoize(op byte) error {
	width := 1
	if op == opLongPut || op == opLongGet {
		width = 4
	}
	operand, err := u.take(width)
	if err != nil {
		return err
	}
	number := uint32(littleEndianInt(operand))
	if op == opGet || op == opLongGet {
		value, ok := u.memo[number]
		if !ok {
			return fmt.Errorf("memo %d was never stored", number)
		}
		u.push(value)
		return nil
	}
	if len(u.stack) == 0 {
		return errors.New("stack is empty")
	}
	u.memo[number] = u.stack[len(u.stack)-1]
	return nil
}

// littleEndianInt reads up to 8 bytes as a number without sign.
func littleEndianInt(content []byte) int64 {
	var eight [8]byte
	copy(eight[:], content)
	return int64(binary.LittleEndian.Uint64(eight[:]))
}

// pushScalar pushes a number or a string.
func (u *unpickler) pushScalar(op byte) error {
	width := map[byte]int{opInt1: 1, opInt2: 2, opInt4: 4, opLong1: 1, opUnicode: 4}[op]
	operand, err := u.take(width)
	if err != nil {
		return err
	}
	number := littleEndianInt(operand)
	switch op {
	case opInt4:
		number = int64(int32(number))
	case opLong1:
		if number > 8 {
			return fmt.Errorf("integer of %d bytes, expected at most 8", number)
		}
		if operand, err = u.take(int(number)); err != nil {
			return err
		}
		number = littleEndianInt(operand)
		if n := len(operand); n > 0 && n < 8 && operand[n-1] >= 0x80 {
			number -= 1 << (8 * n)
		}
	case opUnicode:
		text, err := u.take(int(number))
		if err != nil {
			return err
		}
		u.push(string(text))
		return nil
	}
	u.push(number)
	return nil
}

// pushTuple replaces the topmost values by a tuple of them.
func (u *unpickler) pushTuple(op byte) error {
	var values []any
	var err error
	if op == opTuple {
		values, err = u.popMark()
	} else {
		values, err = u.popCount(int(op-opTuple1) + 1)
	}
	if err != nil {
		return err
	}
	u.push(tuple(values))
	return nil
}

// setItems adds keys and values, which alternate, to the dictionary on top of the stack.
func (u *unpickler) setItems(values []any, err error) error {
	if err != nil {
		return err
	}
	d, err := pop[*dict](u)
	if err != nil {
		return err
	}
	if len(values)%2 != 0 {
		return errors.New("key without a value")
	}
	for i := 0; i < len(values); i += 2 {
		d.items = append(d.items, item{values[i], values[i+1]})
	}
	u.push(d)
	return nil
}

// pushGlobal pushes one of the names that are understood.
func (u *unpickler) pushGlobal() error {
	var lines [2]string // Python module and name
	for i := range lines {
		end := bytes.IndexByte(u.program, '\n')
		if end < 0 {
			return errors.New("truncated: name without a line end")
		}
		lines[i] = string(u.program[:end])
		u.program = u.program[end+1:]
	}
	name := global(lines[0] + " " + lines[1])
	if name != orderedDict && name != rebuildTensor && storageTypes[name] == "" {
		return fmt.Errorf("%q is not allowed: only tensors of float32, float16 and bfloat16 are read", name)
	}
	u.push(name)
	return nil
}

// pushStorage replaces ("storage", type, key, device, elements) by the storage.
func (u *unpickler) pushStorage() error {
	id, err := pop[tuple](u)
	if err != nil {
		return err
	}
	if len(id) != 5 || id[0] != "storage" {
		return errors.New("persistent id is no storage")
	}
	class, isClass := id[1].(global)
	key, isKey := id[2].(string)
	elements, isCount := id[4].(int64)
	if !isClass || storageTypes[class] == "" || !isKey || !isCount {
		return errors.New("storage: expected type, key, device and number of elements")
	}
	u.push(storage{storageTypes[class], key, elements})
	return nil
}

// call replaces a name and a tuple of arguments by what the call would give.
func (u *unpickler) call() error {
	arguments, err := pop[tuple](u)
	if err != nil {
		return err
	}
	function, err := pop[global](u)
	if err != nil {
		return err
	}
	switch {
	case function == orderedDict && len(arguments) == 0:
		u.push(&dict{})
		return nil
	case function == rebuildTensor && len(arguments) >= 4: // what follows is about gradients
		s, isStorage := arguments[0].(storage)
		offset, isOffset := arguments[1].(int64)
		shape, isShape := integers(arguments[2])
		strides, isStrides := integers(arguments[3])
		if !isStorage || !isOffset || !isShape || !isStrides || len(shape) != len(strides) {
			return fmt.Errorf("%s: expected storage, offset, shape and strides", function)
		}
		u.push(tensorView{s, offset, shape, strides})
		return nil
	}
	return fmt.Errorf("%s with %d arguments is not allowed", function, len(arguments))
}

// integers returns the elements of a tuple of numbers, a shape or strides.
func integers(value any) ([]int64, bool) {
	values, ok := value.(tuple)
	if !ok || len(values) > maxRank {
		return nil, false
	}
	numbers := make([]int64, len(values))
	for i, v := range values {
		number, isNumber := v.(int64)
		numbers[i] = number
		ok = ok && isNumber
	}
	return numbers, ok
}
