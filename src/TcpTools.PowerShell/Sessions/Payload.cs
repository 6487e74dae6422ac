using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using System.Management.Automation;
using System.Text;

namespace TcpTools.PowerShell;

/// <summary>What people send: text, bytes, and lists of them.</summary>
internal static class Payload
{
    /// <summary>Writes what something is as bytes.</summary>
    /// <param name="bytes">Takes them.</param>
    /// <param name="data">What to write.</param>
    /// <param name="encoding">How text becomes bytes.</param>
    /// <param name="asLines">Whether each text is followed by carriage return and line feed.</param>
    /// <returns>False for what is neither text nor bytes.</returns>
    public static bool TryWrite(IBufferWriter<byte> bytes, object? data, Encoding encoding, bool asLines)
    {
        data = Base(data);
        switch (data)
        {
            case byte[] array:
                bytes.Write(array);
                return true;
            case byte one:
                bytes.Write([one]);
                return true;
            case string text:
                bytes.Write(encoding.GetBytes(asLines ? text + "\r\n" : text));
                return true;
            case char letter:
                bytes.Write(encoding.GetBytes([letter]));
                return true;
            case System.ReadOnlyMemory<byte> memory:
                bytes.Write(memory.Span);
                return true;
            case IEnumerable<byte> many:
                bytes.Write([.. many]);
                return true;
            case object[] list when list.All(item => Base(item) is string or byte or byte[] or char):
                return list.All(item => TryWrite(bytes, item, encoding, asLines));
            default:
                return false;
        }
    }

    /// <summary>The error for what is neither text nor bytes.</summary>
    public static ErrorRecord WrongType(object? data) => Errors.Make(
        "WrongInputType",
        ErrorCategory.InvalidType,
        $"'{data}' ({Base(data)?.GetType().Name ?? "null"}) is neither text nor bytes.",
        data,
        "Send strings or [byte[]]; turn other objects into text first, as with ConvertTo-Json or \"$object\".");

    private static object? Base(object? item) => item is PSObject wrapped ? wrapped.BaseObject : item;
}
