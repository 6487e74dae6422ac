using System;
using System.Collections;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using TcpTools.Messages;

namespace TcpTools.PowerShell;

/// <summary>Where a message ends, by name.</summary>
internal enum MessageForm
{
    Raw,
    Line,
    Http,
    Length,
}

/// <summary>Lets <c>-As</c> take the name of a form, a script block, or a framer.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MessageFormTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            ScriptBlock or IMessageFramer or MessageForm => value,
            string name when Enum.GetNames<MessageForm>().Contains(name, StringComparer.OrdinalIgnoreCase) =>
                Enum.Parse<MessageForm>(name, ignoreCase: true),
            _ => throw new ArgumentTransformationMetadataException(
                $"'{inputData}' is not a form of messages: write {string.Join(", ", Enum.GetNames<MessageForm>())}, or a script block that "
                + "gets the bytes so far and returns how many belong to the message, or 0 for more."),
        };
    }
}

/// <summary>Completes the forms of messages.</summary>
public sealed class MessageFormCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
    [
        ("Raw", "what comes until the peer is quiet"),
        ("Line", "a line, or what ends with -Delimiter"),
        ("Http", "a response of HTTP/1, taken apart"),
        ("Length", "a message with its length in front"),
    ];
}

/// <summary>Completes the methods of HTTP.</summary>
public sealed class HttpMethodCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
    [
        ("GET", "gives a resource"), ("HEAD", "gives its header"), ("POST", "takes what is sent"), ("PUT", "stores it"),
        ("PATCH", "changes a part"), ("DELETE", "removes it"), ("OPTIONS", "tells what is possible"),
    ];
}

/// <summary>A script block that cuts messages, on the pipeline's own thread.</summary>
internal sealed class ScriptFramer(ScriptBlock script) : IMessageFramer
{
    /// <inheritdoc/>
    public int Cut(ReadOnlySpan<byte> bytes, bool isEnd)
    {
        byte[] copy = bytes.ToArray();
        object? last = script.InvokeWithContext(null, [new PSVariable("_", copy)], copy, isEnd).LastOrDefault()?.BaseObject;
        return last switch
        {
            null or false => 0,
            true => copy.Length,
            _ when LanguagePrimitives.TryConvertTo(last, out int count) => count,
            _ => throw new StackException(
                StackError.InvalidArgument,
                $"The script that cuts messages returned '{last}'.",
                "Return how many of the bytes belong to the message, or 0 or nothing when more are needed."),
        };
    }

    /// <inheritdoc/>
    public void Reset()
    {
    }
}
