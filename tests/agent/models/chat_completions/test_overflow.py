from __future__ import annotations

import json

import pytest

from officehours.agent.models.chat_completions.overflow import Overflow, output_limit, read_overflow, texts_of

# What OpenAI, Azure, vLLM, TGI, SGLang, llama.cpp, llama-cpp-python, LM Studio, Ollama, Anthropic, Gemini, Mistral,
# Moonshot, DashScope, DeepSeek, Groq, Together, Fireworks, Cohere, xAI, Bedrock, OpenRouter, MiniMax, Zhipu and servers
# in Korean and Chinese say of a request that is too long, and which window they name.
TOO_LONG = [
    (400, "prompt is too long: 210000 tokens > 200000 maximum", 200000),
    (400, "The number of tokens to keep from the initial prompt is greater than the context length", None),
    (
        400,
        "The number of tokens to keep from the initial prompt is greater than the context length. Try to load the model with a larger context length, or provide a shorter input",
        None,
    ),
    (
        400,
        "Reached context length of 4096 tokens with model (arch: qwen2) that does not currently support mid-generation context overflow. Try reloading with a larger context length or shortening the prompt/chat.",
        4096,
    ),
    (400, "Reached context length of 4096 tokens", 4096),
    (400, "Your request exceeded model token limit: 131072", 131072),
    (400, "Invalid request: Your request exceeded model token limit: 262144 (requested: 300112)", 262144),
    (400, "Range of input length should be [1, 30720]", 30720),
    (400, "<400> InternalError.Algo.InvalidParameter: Range of input length should be [1, 129024]", 129024),
    (
        400,
        "This model's maximum context length is 8192 tokens. However, your messages resulted in 9210 tokens. Please reduce the length of the messages.",
        8192,
    ),
    (
        400,
        "This model's maximum context length is 4097 tokens, however you requested 4322 tokens (4066 in your prompt; 256 for the completion). Please reduce your prompt; or completion length.",
        4097,
    ),
    (
        400,
        "This model's maximum context length is 65536 tokens. However, you requested 70000 tokens (62000 in the messages, 8000 in the completion). Please reduce the length of the messages or completion.",
        65536,
    ),
    (
        400,
        'This endpoint\'s maximum context length is 131072 tokens. However, you requested about 140210 tokens (101000 of text input, 35210 of tool input, 4000 in the output). Please reduce the length of either one, or use the "middle-out" transform to compress your prompt automatically.',
        131072,
    ),
    (
        400,
        "Your input exceeds the context window of this model. Please adjust your input and try again.",
        None,
    ),
    (400, "The input token count (1196265) exceeds the maximum number of tokens allowed (1048575).", 1048575),
    (400, "The input token count exceeds the maximum number of tokens allowed 1048576.", 1048576),
    (400, "This model's maximum prompt length is 131072 but the request contains 537812 tokens.", 131072),
    (400, "Please reduce the length of the messages or completion.", None),
    (400, "prompt token count of 130000 exceeds the limit of 128000", 128000),
    (
        400,
        "the request exceeds the available context size. try increasing the context size or enable context shift",
        None,
    ),
    (400, "the request exceeds the available context size (4096 tokens), try increasing it", 4096),
    (400, "request (9210 tokens) exceeds the available context size (8192 tokens), try increasing it", 8192),
    (400, "invalid params, context window exceeds limit (2013)", None),
    (
        400,
        "input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000, decrease input length or `max_tokens` and try again",
        200000,
    ),
    (400, "Input is too long for requested model.", None),
    (
        400,
        "too many tokens: total number of tokens in the prompt cannot exceed 4081 - received 5000. Try using a shorter prompt",
        4081,
    ),
    (
        400,
        "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4097. Given: 5000 `inputs` tokens and 512 `max_new_tokens`",
        4097,
    ),
    (400, "Input validation error: `inputs` must have less than 1024 tokens. Given: 1500", 1024),
    (
        400,
        "Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length",
        32768,
    ),
    (400, "The prompt is too long: 140000, model maximum context length: 131071", 131071),
    (400, "The input (9000 tokens) is longer than the model's context length (8192 tokens).", 8192),
    (
        400,
        "Requested token count exceeds the model's maximum context length of 8192 tokens. You requested a total of 9000 tokens: 8000 tokens from the input messages and 1000 tokens for the completion. Please reduce the number of tokens in the input messages or the completion to fit within the limit.",
        8192,
    ),
    (400, "the input length exceeds the context length", None),
    (400, "input length exceeds maximum context length", None),
    (400, "prompt too long; exceeded max context length by 2100 tokens", None),
    (400, "Input length (33432) exceeds model's maximum context length (32768).", 32768),
    (400, "The decoder prompt is too long: request has 5000 input tokens.", None),
    (
        400,
        "The decoder prompt (length 9000) is longer than the maximum model length of 8192. Make sure that `max_model_len` is no smaller than the number of text tokens.",
        8192,
    ),
    (
        400,
        "'max_tokens' or 'max_completion_tokens' is too large: 4096. This model's maximum context length is 8192 tokens and your request has 5000 input tokens (4096 > 8192 - 5000).",
        8192,
    ),
    (
        400,
        "This model's maximum context length is 4096 tokens. However, your prompt contains at least 5000 input tokens.",
        4096,
    ),
    (400, "max_tokens must be at least 1, got -1210.", None),
    (
        400,
        "Input tokens exceed the configured limit of 272000 tokens. Your messages resulted in 280012 tokens. Please reduce the length of the messages.",
        272000,
    ),
    (
        400,
        "Keeping 5000 tokens when context the overflows. It is loaded with context length of only 4096",
        4096,
    ),
    (
        400,
        "Trying to keep the first 9210 tokens when context the overflows. However, the model is loaded with context length of only 8192 tokens, which is not enough. Try to load the model with a larger context length, or provide a shorter input",
        8192,
    ),
    (400, "输入长度超过模型最大长度限制 32768", 32768),
    (400, "输入的 tokens 数量 40000 超过了模型的最大上下文长度 32768", 32768),
    (400, "Prompt 超长，请缩短输入", None),
    (400, "Prompt exceeds max length", None),
    (400, "Total message token length exceed model limit", None),
    (400, "Total tokens of image and text exceed max message tokens. Request id: 0217", None),
    (400, "입력 토큰 수가 최대 컨텍스트 길이 4096을 초과했습니다. (현재 5120 토큰)", 4096),
    (400, "입력이 너무 깁니다. 최대 8192 토큰까지 지원합니다.", 8192),
    (400, "프롬프트 길이가 모델의 최대 길이(32768)를 넘었습니다", 32768),
    (400, "Input tokens: 210000. Model window: 200000.", 200000),
    (400, "Requested 12000 tokens but the window holds 8192", 8192),
    (400, "Context size has been exceeded.", None),
    (400, "context length exceeded", None),
    (400, "Requested tokens (9210) exceed context window of 8192", 8192),
    (400, "The total number of tokens (prompt + max_tokens) 9210 is greater than the model limit 8192", 8192),
    (400, "tokens in request more than max tokens allowed", None),
    (400, "Conversation is too long, please start a new one", None),
    (400, "The sequence length 9210 is larger than 8192", 8192),
    (
        400,
        "Token indices sequence length is longer than the specified maximum sequence length for this model (9210 > 8192)",
        8192,
    ),
    (400, "131,072 tokens is the maximum context for this model; you sent 140,000 tokens", 131072),
    (400, "This model supports a context of up to 128k tokens; your prompt has 140k tokens", 128000),
    (400, "Input too large: 40000 tokens, limit 32768 tokens", 32768),
    (
        400,
        "Request too large: the prompt has 9210 tokens, which is 1018 more than the 8192 this model takes",
        8192,
    ),
    (
        400,
        "You passed 9210 input tokens and requested 1024 output tokens. However, the model's context length is only 8192 tokens, resulting in a maximum input length of 7168 tokens. Please reduce the length of the input prompt.",
        8192,
    ),
    (400, "The engine prompt length 9210 exceeds the max_model_len 8192. Please reduce prompt.", 8192),
    (400, "Input prompt (9210 tokens) is too long and exceeds limit of 8192", 8192),
    (400, "Maximum tokens exceeded: 9210 / 8192", 8192),
    (400, "exceeds the maximum number of tokens (8192)", 8192),
    (400, "message exceeds context window. n_ctx: 8192", 8192),
    (400, "Bad Request: total tokens 9,210 > n_ctx 8,192", 8192),
    (400, "ValueError: Requested tokens (2316) exceed context window of 2048", 2048),
    (500, "llama_decode: prompt too long (9210 tokens, max 8192)", 8192),
    (503, "slot unavailable: the request exceeds the context size 4096", 4096),
    (400, "Input is too long. Max length is 4000 tokens, but got 5321.", 4000),
    (400, "You have exceeded the maximum number of input tokens: 9210 of 8192", 8192),
    (400, "number of tokens (9210) must not exceed 8192", 8192),
    (422, "inputs too long: 9210 tokens; at most 8192 are accepted", 8192),
    (400, "The combined size of your prompt and history is 9210 tokens. Limit: 8192.", 8192),
    (400, "The model accepts 8192 tokens; 9210 were sent.", 8192),
    (400, "9210 tokens were sent, the model takes 8192", 8192),
    (400, "Range of input length should be [1, 6000]", 6000),
    (400, "This model only supports 8192 tokens of context, but the conversation needs 9210", 8192),
    (400, "请求的 token 数 (9210) 超出模型上下文窗口 (8192)", 8192),
    (400, "最大上下文长度为 8192 个 token，但您请求了 9210 个 token", 8192),
    (400, "요청한 토큰(9210)이 모델의 최대 문맥 길이(8192)보다 많습니다", 8192),
    (400, "요청하신 메시지가 너무 깁니다 (9210 토큰 > 8192 토큰)", 8192),
    (400, "Total tokens exceed max_seq_len: 9210 > 8192", 8192),
    (400, "max_total_tokens exceeded: have 9210, limit 8192", 8192),
    (
        400,
        "Exceeded max context length for this model, maximum is 8192 tokens and you have 9210 tokens",
        8192,
    ),
    (400, "Prompt length of 9210 tokens exceeds 8192", 8192),
    (400, "exceed_context_size_error", None),
    (400, "context_length_exceeded", None),
    (400, "string_above_max_length: input too long (9210 > 8192)", 8192),
    (400, "ContextWindowExceededError: 9210 tokens in prompt, window 8192", 8192),
    (400, "your messages contain 9,210 tokens which is longer than the 8,192 token limit", 8192),
    (400, "Too many input tokens. Max input tokens: 1000000, actual input token count: 1300102", 1000000),
    (400, "request payload has 9210 tokens, but context has room for 8192", 8192),
    (
        400,
        "The context window is 8192 tokens. Your request needs 7000 tokens of prompt and 2048 tokens of completion.",
        8192,
    ),
    (400, "Requested 9210 tokens (7162 prompt + 2048 completion), maximum 8192", 8192),
    (400, "The model's maximum sequence length of 8192 was exceeded (9210)", 8192),
    (400, "Max context 8192, got 9210", 8192),
    (500, "the prompt is longer than the context (9210 vs 8192)", 8192),
    (400, "Prompt is 9210 tokens long, 1018 over the limit of 8192.", 8192),
    (
        400,
        "The maximum number of tokens for this model is 8192, including both the prompt and completion. You sent 9210.",
        8192,
    ),
    (400, "The total number of input tokens (9210) is larger than the maximum allowed (8192).", 8192),
    (400, "Prompt has 9210 tokens; this deployment allows 8192.", 8192),
    (400, "Sorry, your message is too big for this model. Try something shorter than 8192 tokens.", 8192),
    (400, "Cannot process request: sequence of 9210 tokens does not fit in context of size 8192", 8192),
    (422, "input_tokens (9210) must be <= max_input_length (8192)", 8192),
    (400, "Model context limit (8192) exceeded by 1018 tokens", 8192),
    (400, "context_window_exceeded: used 9210/8192", 8192),
    (
        400,
        "Your conversation history is 9210 tokens long, which exceeds what this model can handle (8192).",
        8192,
    ),
    (
        400,
        "The number of prompt tokens (9210) and max_tokens (1024) together exceed the model's 8192-token context.",
        8192,
    ),
    (500, "failed to process prompt: context is full (n_ctx = 8192)", 8192),
    (400, "Exceeded the 8192 token context limit", 8192),
    (400, "8192 token limit exceeded: 9210", 8192),
    (400, "we only support up to 8192 tokens per request but you sent 9210", 8192),
    (400, "Token limit exceeded. Maximum: 8192. Actual: 9210.", 8192),
    (400, "token count 9210 > limit 8192", 8192),
    (400, "Max input length is 8192, got 9210 tokens", 8192),
    (400, "[400] Bad Request: Input exceeds maximum of 8,192 tokens (got 9,210)", 8192),
    (400, "This model has a context size of 8k tokens, your prompt needs 9.2k tokens", 8000),
    (400, "ensure that input is at most 8192 tokens long", 8192),
    (400, "Please shorten your prompt to less than 8192 tokens; it currently has 9210.", 8192),
    (503, "context size exceeded", None),
    (400, "The prompt is too large.", None),
    (400, "Input text is longer than the model can take", None),
    (400, "This message is too long for this model", None),
    (400, "prompt exceeds context", None),
    (400, "ran out of context", None),
    (400, "messages too long: reduce them to fit into 8192 tokens", 8192),
    (
        400,
        "InvalidRequestError: Number of tokens in the input (9210) exceeds the model's limit of 8192",
        8192,
    ),
    (400, "문맥 길이 초과: 9210 > 8192", 8192),
    (400, "입력이 최대 토큰 수(8192)를 초과하였습니다", 8192),
    (400, "대화가 너무 길어 모델이 처리할 수 없습니다. 최대 8,192토큰", 8192),
    (400, "메시지의 토큰 수 9210개가 허용 한도 8192개를 넘습니다", 8192),
    (400, "输入过长：当前 9210 tokens，上限 8192 tokens", 8192),
    (400, "上下文长度超限，最大支持 8192", 8192),
    (400, "您的请求超出了模型的最大 token 限制 (8192)", 8192),
    (400, "prompt 太长，最多 8192 个 token", 8192),
    (400, "The combined input and output tokens (9210) exceed the context window (8192).", 8192),
    (400, "parameter error: prompt tokens 9210 over max 8192", 8192),
    (400, "invalid_request: total_tokens=9210 exceeds max_context=8192", 8192),
    (400, "tokens_limit_reached: Request body too large for gpt-4o model. Max size: 8000 tokens.", 8000),
    (400, "Request too large for this model. The max request size is 8000 tokens.", 8000),
    (400, "Context overflow: 9210 tokens do not fit into 8192", 8192),
    (400, "The input is 9210 tokens but the maximum is 8192", 8192),
    (400, "Estimated tokens (9210) exceed window (8192)", 8192),
    (400, "The text is too long: 9210 tokens (maximum 8192)", 8192),
    (400, "Inference failed: input of length 9210 exceeds context of 8192", 8192),
    (400, "Model context window is 128k tokens, you requested 256k tokens", 128000),
    (400, "Context window exceeded: requested 12000 tokens", None),
    (400, "Prompt too large for this model", None),
    (400, "Request size exceeds model context window", None),
    (400, "Your input context is too long", None),
    (400, "An unexpected error occurred on Google's side. Your input context is too long.", None),
    (400, "Request contains 35000 tokens, which exceeds the limit of 32768", 32768),
    (400, "Input token length too long", None),
    (400, "The length of tokens in the request is too long", None),
    (400, "Conversation length exceeded. Please start a new session", None),
    (400, "The number of tokens in the prompt exceeds the model's maximum context length of 32768", 32768),
    (400, "上下文长度超出", None),
    (400, "token数量超过", None),
    (400, "输入长度超过限制", None),
    (400, "超出上下文限制", None),
    (400, "model_max_prompt_tokens_exceeded: prompt token count of 51808 exceeds the limit of 12288", 12288),
    (400, "n_keep: 9210 >= n_ctx: 8192", 8192),
    (
        400,
        "The request was rejected. Possible causes: input exceeds the model's maximum context length, or the request contains invalid parameters.",
        None,
    ),
    (400, "exceeds the maximum allowed input length", None),
    (400, "Input is longer than the maximum of 8192 tokens.", 8192),
    (400, "This prompt is 9,210 tokens. The largest prompt we accept is 8,192 tokens.", 8192),
    (400, "Error: prompt (9210 tokens) bigger than context (8192 tokens)", 8192),
    (400, "tokenizer: 9210 tokens, budget 8192 tokens", 8192),
    (400, "Chat history of 9210 tokens is over budget (8192 tokens)", 8192),
    (400, "your request needs a context of 9210 tokens; this server was started with 8192", 8192),
    (400, "You sent 9210 tokens. The model's window holds 8192 tokens.", 8192),
    (400, "Maximum tokens per request: 8192 (you sent 9210)", 8192),
    (400, "prompt_too_long", None),
    (400, "The conversation is longer than the model's memory of 8192 tokens", 8192),
    (400, "전체 토큰 길이가 8192를 넘을 수 없습니다 (요청: 9210)", 8192),
    (400, "컨텍스트 윈도우(8192 토큰)를 초과하는 요청입니다: 9210 토큰", 8192),
    (400, "모델이 처리할 수 있는 최대 입력 길이는 8192 토큰입니다", 8192),
    (400, "输入 token 数 9210 大于模型支持的最大值 8192", 8192),
    (400, "请求内容过长，请减少输入（最大 8192 tokens）", 8192),
    (400, "コンテキスト長 8192 トークンを超えています（9210 トークン）", 8192),
    (400, "Too many messages in request: 3000, maximum is 2048", None),
    (400, "'$.messages' is too long. Maximum length is 2048", None),
]

SOMETHING_ELSE = [
    (400, "Rate limit reached for requests"),
    (
        400,
        "Request too large for model `llama-3.3-70b` in organization on tokens per minute (TPM): Limit 6000, Requested 7012, please reduce your message size and try again.",
    ),
    (
        400,
        "max_tokens is too large: 32768. This model supports at most 16384 completion tokens, whereas you provided 32768.",
    ),
    (
        400,
        "max_tokens: 10000 > 8192, which is the maximum allowed number of output tokens for claude-3-5-sonnet",
    ),
    (400, "Invalid max_tokens value, the valid range of max_tokens is [1, 8192]"),
    (400, "Range of max_tokens should be [1, 8192]"),
    (
        400,
        "`max_tokens` must be less than or equal to `8192`, the maximum value for `max_tokens` is less than the `context_window` for this model",
    ),
    (400, "messages.2.content.0.text.text: Input should be a valid string"),
    (400, "Input should be less than or equal to 2"),
    (400, "Input should be a valid integer, unable to parse string as an integer, got 4096"),
    (
        400,
        "Invalid 'messages[3].tool_calls[0].id': string too long. Expected a string with maximum length 40, but got a string with length 64 instead.",
    ),
    (
        400,
        "Invalid 'tools': array too long. Expected an array with maximum length 128, but got an array with length 1500 instead.",
    ),
    (
        400,
        "Invalid 'tools[0].function.description': string too long. Expected a string with maximum length 1024, but got a string with length 1500 instead.",
    ),
    (400, "thinking is enabled but reasoning_content is missing in assistant tool call message at index 2"),
    (400, "Conversation roles must alternate user/assistant/user/assistant/..."),
    (400, "context deadline exceeded (Client.Timeout exceeded while awaiting headers) 30000"),
    (400, "Tool call id was call_abc but must be a-z, A-Z, 0-9, with a length of 9."),
    (400, "The model `gpt-9` does not exist"),
    (400, "tools param requires --jinja flag"),
    (400, "Your authentication token has expired at 1700000000"),
    (400, "Unrecognized request argument supplied: max_tokens"),
    (
        400,
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
    ),
    (400, "Invalid value for 'content': expected a string, got null."),
    (400, "messages with role 'tool' must be a response to a preceeding message with 'tool_calls'."),
    (400, "max_completion_tokens must be at most 4096"),
    (400, "Internal server error"),
    (400, "the script has no more replies"),
    (
        400,
        "An assistant message with 'tool_calls' must be followed by tool messages responding to each 'tool_call_id'. The following tool_call_ids did not have response messages: call_12345",
    ),
    (400, "temperature must be less than or equal to 2, input was 4096"),
    (400, "Image input too large: 8000 pixels maximum"),
    (400, "Unexpected token < in JSON at position 1024"),
    (400, "Invalid JSON: unexpected token at character 5120"),
    (400, "logprobs: maximum is 20"),
    (400, "Output tokens exceed the limit of 2048"),
    (400, "The requested number of completion tokens 8192 exceeds the 4096 limit for this model"),
    (400, "Expected maximum length 9 for tool_call_id, got 24"),
    (500, "Internal server error after 30000 ms while reading input"),
    (503, "loading model"),
    (503, "Service overloaded, retry in 1024 ms"),
    (500, "CUDA out of memory. Tried to allocate 2048 MiB"),
    (400, "Invalid parameter: messages[12].content is required"),
    (400, "request id 20241126 is invalid"),
    (400, "Invalid value: 'tool' at messages 1024"),
    (400, "Input validation error: temperature 4096 must be strictly positive"),
    (400, "Invalid input: messages.0.content expected string received array (code 1210)"),
    (400, "length required"),
    (400, "Missing required parameter: 'messages[0].content[0].type'. 400"),
    (400, "your credit balance is too low, 5000 tokens left"),
    (400, "daily token quota of 100000 exceeded"),
    (500, "prompt processing failed: error 5001"),
    (400, "top_k must be less than 1000"),
    (400, "This request would exceed your organization's limit of 40000 input tokens per minute"),
    (400, "model 'qwen2:7b' not found, try pulling it first (error 1024)"),
    (400, "Content filter triggered by prompt, id 82731"),
    (
        400,
        "The response was filtered due to the prompt triggering Azure OpenAI's content management policy. Please modify your prompt and retry. 400",
    ),
    (400, "Field required: messages.3.tool_call_id; input: 1234"),
    (400, "max_tokens 8192 exceeds model output limit 4096"),
    (400, "maxOutputTokens must be in the range 1 to 8192"),
    (
        400,
        "Unable to submit request because it has a maxOutputTokens value of 99999 but the supported range is from 1 (inclusive) to 8193 (exclusive). Update the value and try again.",
    ),
    (400, "completion token limit is 4096, requested 8192"),
    (
        400,
        "The reasoning_content is the intermediate result for display purposes only and will not be included in the context for inference. Please remove the reasoning_content from your message",
    ),
    (400, "messages[4].content: expected array, got string of length 2048"),
    (400, "Invalid type for 'tools[1].function.parameters': expected object"),
    (400, "function name too long: max 64 characters, got 70"),
    (400, "The tool result for call 1024 is missing"),
    (400, "Too many tools: 130 (max 128)"),
    (400, "Your organization must be verified to use this model. Request ID 83726155"),
    (400, "n must be at least 1"),
    (400, "Missing field `content` at line 1 column 4096"),
    (
        422,
        "Failed to deserialize the JSON body into the target type: messages[2]: missing field `content` at line 1 column 2319",
    ),
    (
        400,
        "Failed to deserialize the JSON body into the target type: messages[2].content: invalid type: null, expected a string at line 1 column 5210",
    ),
    (400, "JSON parse error: Unexpected character at offset 9210"),
    (400, "role 'developer' is not one of ['system', 'assistant', 'user', 'tool'] - 'messages.0.role'"),
    (400, "Input should be 'system', 'user', 'assistant' or 'tool' (request 20261126)"),
    (500, "Internal error processing request 1732600000"),
    (400, "The maximum number of concurrent requests is 1000"),
    (400, "max_tokens must be between 1 and 4096"),
    (400, "Value error, max_tokens should be at most 8192"),
    (400, "`max_completion_tokens` exceeds the limit 16384 for this model"),
    (400, "requested max output tokens 65536 exceeds 32768"),
    (400, "stop sequences too long: max 4 allowed"),
    (400, "invalid api version 2024-10-21 for input"),
    (400, "tool_call_id too long: 48 > 40"),
    (400, "Image size exceeds 20971520 bytes"),
    (400, "logit_bias: token id 50257 is out of range, max 50256"),
    (400, "Model is overloaded, please retry in 5000 ms"),
]


def body_of(said: str) -> str:
    return json.dumps(
        {"error": {"message": said, "type": "invalid_request_error", "param": None, "code": None}}
    )


@pytest.mark.parametrize(("status", "said", "window"), TOO_LONG)
def test_a_request_that_is_too_long_is_recognised_and_the_window_that_is_named_is_found(
    status: int, said: str, window: int | None
) -> None:
    assert read_overflow(status, body_of(said)) == Overflow(window)
    assert read_overflow(status, said) == Overflow(window)


@pytest.mark.parametrize(("status", "said"), SOMETHING_ELSE)
def test_what_is_about_something_else_is_no_overflow(status: int, said: str) -> None:
    assert read_overflow(status, body_of(said)) is None
    assert read_overflow(status, said) is None


@pytest.mark.parametrize("status", [200, 401, 403, 404, 429, 502])
def test_other_answers_are_about_something_else_whatever_they_say(status: int) -> None:
    assert read_overflow(status, body_of("prompt is too long: 210000 tokens > 200000 maximum")) is None


@pytest.mark.parametrize(
    "body",
    [
        {"error": {"message": "too long", "n_ctx": 8192, "n_prompt_tokens": 9210}},
        {"error": {"code": "context_length_exceeded", "message": "The limit is 8192 tokens."}},
        {"object": "error", "message": "maximum context length is 8192 tokens, requested 9210", "code": 400},
        {"detail": [{"loc": ["body"], "msg": "prompt of 9210 tokens exceeds 8192", "input": "12345 tokens"}]},
        {"error": "prompt is too long: 9210 tokens > 8192 maximum"},
        [{"error": {"code": 400, "message": "The input token count (9210) exceeds the maximum of 8192."}}],
        {
            "error": {
                "message": "Provider returned error",
                "metadata": {
                    "raw": '{"message": "Prompt contains 9210 tokens, too large for 8192 maximum context"}'
                },
            }
        },
    ],
)
def test_the_window_is_found_wherever_the_server_puts_its_words(body: object) -> None:
    assert read_overflow(400, json.dumps(body)) == Overflow(8192)


def test_a_body_that_is_too_large_is_too_long_but_a_limit_by_the_minute_is_no_window() -> None:
    tpm = "Request too large on tokens per minute (TPM): Limit 6000, Requested 7012"

    assert read_overflow(413, "<html>Request Entity Too Large</html>") == Overflow(None)
    assert read_overflow(413, body_of(tpm)) == Overflow(None)


@pytest.mark.parametrize(
    ("said", "most"),
    [
        ("max_tokens is too large: 4096. This model supports at most 2048 completion tokens.", 2048),
        (
            "max_tokens: 4096 > 1024, which is the maximum allowed number of output tokens for claude-3-5-haiku",
            1024,
        ),
        ("Invalid max_tokens value, the valid range of max_tokens is [1, 3000]", 3000),
        (
            "`max_tokens` must be less than or equal to `2048`, the maximum is less than the `context_window`",
            2048,
        ),
        ("maxOutputTokens 4096 exceeds the limit: max_output_tokens", 2048),
        ("Unsupported parameter: 'max_tokens' is not supported. Use 'max_completion_tokens' instead.", None),
        ("This model's maximum context length is 4097 tokens, however you requested 4322 tokens", None),
        ("Conversation roles must alternate", None),
    ],
)
def test_a_reply_that_may_not_be_so_long_is_asked_for_shorter(said: str, most: int | None) -> None:
    assert output_limit(said, 4096) == most


@pytest.mark.parametrize(
    "body", ["", "{", "[", '{"a": ' * 5000, "[" * 5000, "1" * 5000, '{"n_ctx": 1e999}', "null"]
)
def test_no_body_is_too_odd(body: str) -> None:
    texts_of(body)
    assert read_overflow(400, body) is None
