using System;
using System.Buffers;
using System.Collections;
using System.Collections.Generic;
using System.Globalization;
using System.Management.Automation;
using System.Net.Sockets;
using System.Text;
using TcpTools.Messages;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>Sends a request over a session and receives what answers it, as a message.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "TcpRequest", DefaultParameterSetName = "Data")]
[OutputType(typeof(byte[]), typeof(string), typeof(HttpMessage))]
public sealed partial class InvokeTcpRequestCommand : TcpToolsCmdlet
{
    /// <summary>What to send: text, bytes, or several of them; of HTTP's, <c>GET /path</c> is enough.</summary>
    [Parameter(Position = 0, ParameterSetName = "Data")]
    [AllowEmptyString]
    [AllowEmptyCollection]
    public object? Data { get; set; }

    /// <summary>The session.</summary>
    [Parameter(ValueFromPipeline = true)]
    [SessionTransform]
    [ArgumentCompleter(typeof(SessionCompleter))]
    public TcpSession? Session { get; set; }

    /// <summary>Where an answer ends: Raw, Line, Http, Length, or a script block.</summary>
    [Parameter]
    [MessageFormTransform]
    [ArgumentCompleter(typeof(MessageFormCompleter))]
    public object? As { get; set; }

    /// <summary>What to ask an HTTP server for.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Http")]
    [ValidateNotNullOrEmpty]
    public string Path { get; set; } = "/";

    /// <summary>The method of the HTTP request.</summary>
    [Parameter(ParameterSetName = "Http")]
    [ArgumentCompleter(typeof(HttpMethodCompleter))]
    [ValidateNotNullOrEmpty]
    public string HttpMethod { get; set; } = "GET";

    /// <summary>Header fields of the HTTP request.</summary>
    [Parameter]
    public IDictionary? Header { get; set; }

    /// <summary>The body of the HTTP request.</summary>
    [Parameter]
    public object? Body { get; set; }

    /// <summary>What a line ends with.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public object? Delimiter { get; set; }

    /// <summary>Bytes of the length in front of a message.</summary>
    [Parameter]
    [ValidateSet("1", "2", "4", "8")]
    public int PrefixBytes { get; set; } = 4;

    /// <summary>The length's least byte comes first.</summary>
    [Parameter]
    public SwitchParameter LittleEndian { get; set; }

    /// <summary>The length counts its own bytes.</summary>
    [Parameter]
    public SwitchParameter IncludesPrefix { get; set; }

    /// <summary>Puts a length in front of what is sent, too.</summary>
    [Parameter]
    public SwitchParameter AddPrefix { get; set; }

    /// <summary>How many messages to receive.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = 1;

    /// <summary>The longest message to take, in bytes.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int MaximumBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>With Raw: how long nothing more comes before the answer is complete.</summary>
    [Parameter]
    [DurationTransform]
    public TimeSpan QuietTime { get; set; } = TimeSpan.FromMilliseconds(200);

    /// <summary>Writes text instead of bytes.</summary>
    [Parameter]
    public SwitchParameter AsString { get; set; }

    /// <summary>How text becomes bytes, and bytes text.</summary>
    [Parameter]
    [EncodingTransform]
    [ArgumentCompleter(typeof(EncodingCompleter))]
    public Encoding Encoding { get; set; } = EncodingTransformAttribute.Default;

    /// <summary>How long to wait for the next data.</summary>
    [Parameter]
    [TimeoutTransform]
    [Alias("Timeout", "TimeoutSeconds")]
    public double TimeoutSec { get; set; } = 30;

    /// <inheritdoc/>
    protected override void Process()
    {
        TcpSession session = RequireSession(Session);
        byte[] request = MakeRequest(session, out object form);
        if (request.Length > 0)
        {
            Send(session, request);
        }

        SessionReader reader = SessionReader.For(session);
        TimeSpan limit = IsManual(session.Stack) ? TimeSpan.Zero : Limit(TimeoutSec);
        if (form is MessageForm.Raw)
        {
            for (int i = 0; i < Count && ReceiveRaw(reader, limit, isFirst: i == 0); i++)
            {
            }

            return;
        }

        IMessageFramer framer = form switch
        {
            ScriptBlock script => new ScriptFramer(script),
            IMessageFramer own => own,
            MessageForm.Http => HttpFramer.OfResponses(HttpRequestText.MethodOf(request) ?? "GET"),
            MessageForm.Length => Prefix(MaximumBytes),
            _ => new DelimiterFramer(Mark()),
        };
        for (int i = 0; i < Count && ReceiveMessage(reader, framer, limit); i++)
        {
        }
    }

    private byte[] MakeRequest(TcpSession session, out object form)
    {
        if (ParameterSetName == "Http")
        {
            form = As ?? MessageForm.Http;
            return MakeHttp(session, HttpMethod, Path);
        }

        object? data = Data is PSObject wrapped ? wrapped.BaseObject : Data;
        if (As is null or MessageForm.Http
            && HttpRequestText.TryReadShort(data as string ?? "", out string method, out string target))
        {
            form = MessageForm.Http;
            return MakeHttp(session, method, target);
        }

        if (Header is not null || Body is not null)
        {
            throw new StackException(
                StackError.InvalidArgument,
                "-Header and -Body belong to a request that this cmdlet makes.",
                "Ask by -Path, or by a text such as 'GET /index.html'; a whole request holds its header itself.");
        }

        byte[] bytes = data is null ? [] : ToBytes(data);
        form = As ?? (HttpRequestText.MethodOf(bytes) is null ? MessageForm.Raw : MessageForm.Http);
        if (data is string line && form is MessageForm.Line && line.Length > 0 && !bytes.AsSpan().EndsWith(Mark()))
        {
            return [.. bytes, .. Delimiter is null ? "\r\n"u8 : Mark()];
        }

        return AddPrefix ? Prefix(int.MaxValue).Wrap(bytes) : bytes;
    }

    private byte[] MakeHttp(TcpSession session, string method, string target)
    {
        List<KeyValuePair<string, string>> fields = [];
        foreach (DictionaryEntry field in Header ?? new Hashtable())
        {
            object? value = field.Value is PSObject wrapped ? wrapped.BaseObject : field.Value;
            foreach (object? one in value is object?[] many ? many : new object?[] { value })
            {
                fields.Add(new KeyValuePair<string, string>($"{field.Key}", Convert.ToString(one, CultureInfo.InvariantCulture) ?? ""));
            }
        }

        string address = session.RemoteAddress.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{session.RemoteAddress}]" : $"{session.RemoteAddress}";
        string host = session.RemotePort == 80 ? address : string.Create(CultureInfo.InvariantCulture, $"{address}:{session.RemotePort}");
        return HttpRequestText.Make(method.ToUpperInvariant(), target, host, fields, Body is null ? default : ToBytes(Body));
    }

    private void Send(TcpSession session, byte[] request)
    {
        if (!IsManual(session.Stack))
        {
            session.WriteAll(request, Limit(TimeoutSec), StopToken);
            return;
        }

        int taken = session.Write(request);
        if (taken < request.Length)
        {
            throw new StackException(
                StackError.TimedOut,
                $"Only {taken} of {request.Length} bytes found room.",
                "Step the stack until the peer has acknowledged some, then send the rest with Send-TcpData.");
        }
    }

    private byte[] ToBytes(object data)
    {
        ArrayBufferWriter<byte> bytes = new();
        if (!Payload.TryWrite(bytes, data, Encoding, asLines: false))
        {
            ThrowTerminatingError(Payload.WrongType(data));
        }

        return bytes.WrittenSpan.ToArray();
    }

    private LengthFramer Prefix(int most) => new(PrefixBytes, LittleEndian, IncludesPrefix, most);

    private byte[] Mark() => Delimiter is null ? [(byte)'\n'] : ToBytes(Delimiter);
}
