package backend

import "reflect"

// setParallelism sets the size of the Go backend's worker pool: -1 is unbounded, 0 sequential.
//
// The backend's type is internal to compute, which is why its exported field is reached by reflection.
func setParallelism(opened Backend, workers int) error {
	value := reflect.ValueOf(opened)
	if value.Kind() != reflect.Pointer || value.Elem().Kind() != reflect.Struct {
		return errNoPool
	}
	pool := value.Elem().FieldByName("Workers")
	if !pool.IsValid() {
		return errNoPool
	}
	set := pool.MethodByName("SetMaxParallelism")
	if !set.IsValid() {
		return errNoPool
	}
	set.Call([]reflect.Value{reflect.ValueOf(workers)})
	return nil
}
