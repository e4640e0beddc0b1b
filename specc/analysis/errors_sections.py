"""E06 and E07: what data and train sections say."""

from specc.diagnostics import Code

BAD_FIELD = Code(
    "E0650",
    "not a field",
    """Besides `source` and `split`, every line of a data section defines a field: columns of the
source, piped through transforms.

Wrong:  label = 3
Right:  label = source.label |> categories""",
)

NO_SOURCE = Code(
    "E0651",
    "the data section has no source",
    """`source = ...` says where the rows come from.

Right:  source = csv("data/iris.csv")""",
)

RAGGED_ROWS = Code(
    "E0652",
    "a transform takes rows of one size",
    """The rows of a ragged field differ in length (`str[T]`), and this transform is about whole
rows, not about single values. `truncate` cuts long rows; `vocabulary`, `categories`, `to_float`
and others work value by value.

Wrong:  words = source.words |> vocabulary |> flatten
Right:  words = source.words |> vocabulary |> truncate(100)""",
)

NEEDS_MASK = Code(
    "E0653",
    "a loss or metric over padding",
    """Ragged rows are filled up to the longest of their batch, and what stands in the padding is no
label. A loss or a metric is told which places count.

Wrong:  loss = (scores, tags) |> cross_entropy(dim=-1)
Right:  loss = (scores, tags, mask=tags.mask) |> cross_entropy(dim=-1)""",
)

PADDING_REDUCED = Code(
    "W0651",
    "padding is reduced with the rest",
    """Ragged rows are filled up to the longest of their batch. What reduces such an axis without a
mask takes the padding for values, and gives another result for the same row in another batch.

Wrong:  x = h |> mean(dim=1)
Right:  x = (h, mask=seen) |> masked_mean""",
)

LENGTHS_DO_NOT_FIT = Code(
    "E0654",
    "rows are longer or shorter than the model takes",
    """The lengths of the rows are known once the data was read, and some row does not fit: it has
more values than the model has positions, or fewer than its kernel.

Wrong:  model = Net(100)                          # and a row of words has 130
Right:  words = source.words |> vocabulary |> truncate(100)
Right:  model = Net(words.max_length)""",
)

BAD_AUGMENT = Code(
    "E0655",
    "not an augmentation of a field",
    """`augment` changes fields of the training rows at random; a field keeps its name and its type,
and the other splits stay as they are.

Wrong:  augment noisy = image |> gaussian_noise(0.1)
Right:  augment image = image |> gaussian_noise(0.1)
Right:  augment image, mask = (image, mask) |> vision.horizontal_flip""",
)

DATA_NOT_FOUND = Code(
    "W0650",
    "the data is not there",
    """The source cannot be described because its file is missing, so the fields and what depends on
them are not checked. Training needs the file.""",
)

MISSING_SETTING = Code(
    "E0750",
    "the train section lacks a setting",
    """A train section says what is trained on what: `data`, `model`, `loss`, `optimizer`,
`epochs`. A `step` has a loss and an optimizer, of its own or from the section.""",
)

BAD_LOSS = Code(
    "E0751",
    "the loss is not a scalar",
    """`loss` is one number, of kind float, that is made smaller: the result of a loss component, or
a sum of such.

Wrong:  loss = scores
Right:  loss = (scores, label) |> cross_entropy""",
)

BAD_METRIC = Code(
    "E0752",
    "not a metric",
    """`metric name = ...` applies a metric component to tensors.

Wrong:  metric accuracy = (scores, label) |> cross_entropy
Right:  metric accuracy = (scores, label) |> accuracy""",
)

NOT_A_SETTING = Code(
    "E0753",
    "a setting has the wrong kind of value",
    """`data` names a data section, `model` a model with its parameters, `optimizer` and `schedule`
components of these kinds.

Wrong:  optimizer = "adam"
Right:  optimizer = adam(lr=1e-3)""",
)

UNUSED_IN_TRAIN = Code(
    "E0754",
    "nothing uses this line of the train section",
    """The name is no setting, and neither the loss, a metric nor an output needs it. Perhaps a
setting was meant.

Wrong:  optimiser = adam(lr=1e-3)
Right:  optimizer = adam(lr=1e-3)""",
)

WEIGHTS_IN_TRAIN = Code(
    "E0755",
    "a component with weights in a train section",
    """Weights belong to a model, so that they are saved and exported with it.

Wrong:  scores = image |> model |> linear(10)
Right:  put the linear layer into the model""",
)

SIZE_NOT_KNOWN = Code(
    "E0756",
    "a size of the model is not known",
    """The model cannot be built before every size that its constructor needs is a number.""",
)

BAD_INVERSE = Code(
    "E0758",
    "this is no prediction of the field",
    """`inverse(field)` takes predictions back through the transforms of a field: ids to the names
of classes, standardized numbers to the numbers before. It takes what has the form of the field.

Wrong:  output kind = scores |> inverse(label)
Right:  output kind = scores |> argmax(dim=1) |> inverse(label)""",
)

BAD_STEP = Code(
    "E0760",
    "not a step",
    """`step name { ... }` is one of several updates that are made with every batch. Each has a name
of its own, by which its scores are called: `val.judge.loss`.

Wrong:  step { update = critic ... }
Right:  step judge { update = critic ... }""",
)

NOT_OF_A_STEP = Code(
    "E0761",
    "a setting of the section in a step",
    """A step has its own loss, update, optimizer, schedule, every, accumulate, clip and ema; what
it does not say it takes from the section. All else is about the run as a whole.

Wrong:  step judge { batch = 64 ... }
Right:  batch = 64
        step judge { ... }""",
)

OF_ANOTHER_STEP = Code(
    "E0762",
    "a name of another step",
    """Each step computes its own lines, with the weights as they then are, so that the names in it
are its own. What several steps use stands above them, in the section: each computes it afresh.

Wrong:  step judge { fake = noise |> model ... }
        step forge { loss = (fake |> critic, ones(B)) |> binary_cross_entropy_with_logits }
Right:  fake = noise |> model
        step judge { ... }
        step forge { ... }""",
)

UPDATES_FROZEN = Code(
    "E0763",
    "what is updated is frozen",
    """`freeze` keeps parameters from learning in all steps, and `update` says what learns: nothing
is left where the one covers the other.

Wrong:  freeze = critic
        step judge { update = critic ... }""",
)

BAD_GROUP = Code(
    "E0764",
    "not a group of parameters",
    """`group name = parameters(...)` sets something of the optimizer otherwise for some parameters:
submodules, or patterns of names.

Wrong:  group biases = "*.bias"
Right:  group biases = parameters("*.bias", weight_decay=0)
Right:  group slow = parameters(model.encoder, lr=1e-5)""",
)

NOT_LOADED = Code(
    "E0765",
    "a run that cannot be loaded",
    """`load("runs/teacher/3")` is the model that a finished run has trained, `load(Warmup)` that of
the latest finished run of a train section of this file, which stands above. Paths are relative to
the spec. `load(...).critic` is another instance of the run than its model.

Right:  shared teacher = load("runs/teacher/3")
Right:  model = load(Warmup)
Right:  init = load(Warmup)                      # its weights alone, for `model = Net(10)`""",
)

WEIGHTS_DO_NOT_FIT = Code(
    "E0766",
    "the weights of a run do not fit the model",
    """`init = load(...)` takes every weight of another run, by its name and shape; so it has to be
the same model with the same sizes. A model that is loaded whole, `model = load(...)`, fits as long
as this version of specc builds it as it was built.""",
)

NO_OUTPUTS = Code(
    "E0759",
    "the train section says nothing to predict",
    """`specc predict` writes what the `output` lines of the train section name.

Right:  output kind = scores |> argmax(dim=1) |> inverse(label)""",
)
